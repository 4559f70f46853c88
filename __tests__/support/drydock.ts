import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options } from "execa";

/** Runs `drydock` in a checkout, as a person would. */
export async function drydock(
  checkout: string,
  args: readonly string[],
  options: Options = {},
): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const result = await execa(process.execPath, [join(checkout, "bin", "drydock.cjs"), ...args], {
    cwd: checkout,
    reject: false,
    stdin: "ignore",
    ...options,
    env: { NO_COLOR: "1", FORCE_COLOR: "0", ...options.env },
  });
  return { exitCode: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/**
 * Declares {@link SMALL_FLEET} in a checkout, with nothing switched on.
 * @param extra further fields of the fleet
 */
export function declareSmallFleet(checkout: string, extra = ""): void {
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET.replace(`owner: "ops@example.org",`, `owner: "ops@example.org", ${extra}`));
  writeFileSync(join(checkout, "fleet.state.json"), "{}\n");
}

/** Parts of a {@link fleetText}, as they stand in a `fleet.ts`. */
interface FleetParts {
  readonly preset?: "playground" | "staging";
  /** More members of the fleet, such as `monthlyBudgetUsd: 100,`. */
  readonly more?: string;
}

/** Text of a `fleet.ts` with the given clusters. */
export function fleetText(clusters: string, { preset = "playground", more }: FleetParts = {}): string {
  return `import { defineFleet } from "./config/declaration";
import { ${preset} } from "./config/presets";

export default defineFleet({
  name: "tiny",
  account: "111122223333",
  region: "eu-west-1",
  domain: "k8s.example.org",
  owner: "ops@example.org",
  access: { admins: ["arn:aws:iam::111122223333:role/admin"] },${more === undefined ? "" : `\n  ${more}`}
  clusters: ${clusters},
});
`;
}

/** A fleet of one small cluster, so that a rehearsal of everything is short. */
export const SMALL_FLEET = fleetText(`{ dev: playground({ network: { cidr: "10.30.0.0/18" } }) }`);
