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

/** A fleet of one small cluster, so that a rehearsal of everything is short. */
export const SMALL_FLEET = `import { defineFleet } from "./config/declaration";
import { playground } from "./config/presets";

export default defineFleet({
  name: "tiny",
  account: "111122223333",
  region: "eu-west-1",
  domain: "k8s.example.org",
  owner: "ops@example.org",
  access: { admins: ["arn:aws:iam::111122223333:role/admin"] },
  clusters: { dev: playground({ network: { cidr: "10.30.0.0/18" } }) },
});
`;
