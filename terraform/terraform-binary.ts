import { execa } from "execa";
import semver from "semver";
import { CommandError } from "../config/command-error";

/** Oldest Terraform that Drydock works with: S3 locks state by itself since then. */
export const OLDEST_TERRAFORM = "1.11.0";

/**
 * Finds Terraform on PATH.
 * @returns its version
 * @throws {CommandError} with one sentence that says what to install
 */
export async function requireTerraform(binary = "terraform"): Promise<string> {
  const result = await execa(binary, ["version", "-json"], { reject: false, stdin: "ignore", env: { CHECKPOINT_DISABLE: "1" } });
  const { terraform_version: version } = parseVersion(result.stdout);
  if (version === undefined)
    throw new CommandError(
      `Terraform is not on PATH; install version ${OLDEST_TERRAFORM} or newer from https://developer.hashicorp.com/terraform/install.`,
      2,
    );
  if (semver.lt(version, OLDEST_TERRAFORM))
    throw new CommandError(
      `Terraform ${version} is too old; install version ${OLDEST_TERRAFORM} or newer from https://developer.hashicorp.com/terraform/install.`,
      2,
    );
  return version;
}

function parseVersion(output: string | undefined): { readonly terraform_version?: string } {
  try {
    return JSON.parse(output ?? "") as { readonly terraform_version?: string };
  } catch {
    return {};
  }
}

/** Path of the Terraform that PATH leads to. */
export async function realTerraform(): Promise<string> {
  const { stdout } = await execa("sh", ["-c", "command -v terraform"], { stdin: "ignore" });
  return stdout.trim();
}
