import { z } from "zod";
import { GUARDED_ACTIONS, type GuardFindings, type ResourcePreview, type StackPreview } from "./report/model";
import { readReviewedFile } from "./reviewed-file";

/** File beside `fleet.ts` with what may be deleted or replaced although it is stateful. */
export const ALLOWED_FILE = "allowed-changes.json";

const allowedSchema = z.strictObject({
  $schema: z.string().optional(),
  changes: z.array(
    z.strictObject({
      /** `<stack>/<address>`, as the report prints it. */
      address: z.string().regex(/^[^/]+\/.+$/, "it reads <stack>/<address>"),
      action: z.enum(GUARDED_ACTIONS),
      /** For the reader of the next preview; an entry without a reason allows nothing. */
      why: z.string().trim().min(1, "it says why"),
    }),
  ),
});

/** What may be deleted or replaced although it is stateful. */
export type AllowedChanges = z.infer<typeof allowedSchema>["changes"];

/**
 * Reads the allowed changes.
 * @param root checkout, or folder with what was kept of it
 * @returns none when there is no such file
 * @throws {CommandError} with exit code 2 when it is not of the documented form
 */
export function readAllowedChanges(root: string): AllowedChanges {
  return (
    readReviewedFile(root, {
      name: ALLOWED_FILE,
      schema: allowedSchema,
      example: '{ "changes": [{ "address": "<stack>/<address>", "action": "delete", "why": "..." }] }',
    })?.changes ?? []
  );
}

const ACTIONS: Readonly<Partial<Record<ResourcePreview["kind"], GuardFindings["violations"][number]["action"]>>> = {
  replace: "replace",
  recreate: "recreate",
};

/** Entries for the file that would allow what the guard refuses, with reasons to fill in. */
export function entriesFor({ violations }: GuardFindings): string {
  const entries = violations.map(
    ({ address, action }) =>
      `    ${JSON.stringify({ address, action, why: "" })
        .replaceAll(/([:,{])(?=")/g, "$1 ")
        .replace("}", " }")}`,
  );
  return `{\n  "changes": [\n${entries.join(",\n")}\n  ]\n}`;
}

/** Stateful resources that a change deletes or replaces, and what is allowed of it. */
export function guard(stacks: readonly StackPreview[], allowed: AllowedChanges): GuardFindings {
  const found = stacks.flatMap(({ name, changes }) =>
    changes
      .filter(({ danger }) => danger === "stateful")
      .map(({ address, kind }) => ({
        address: `${name}/${address}`,
        action: ACTIONS[kind] ?? ("delete" as const),
      })),
  );
  const matches = (a: { address: string; action: string }, b: { address: string; action: string }) =>
    a.address === b.address && a.action === b.action;
  // Nothing is known of a stack whose plan failed, so nothing is said of entries about it.
  const unplanned = stacks.filter(({ status }) => status === "failed").map(({ name }) => `${name}/`);
  return {
    violations: found.filter((change) => !allowed.some((entry) => matches(entry, change))),
    allowed: allowed.filter((entry) => found.some((change) => matches(entry, change))),
    stale: allowed
      .filter((entry) => !found.some((change) => matches(entry, change)) && !unplanned.some((stack) => entry.address.startsWith(stack)))
      .map(({ address, action }) => ({ address, action })),
  };
}
