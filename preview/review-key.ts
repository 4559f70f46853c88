import { generateMac } from "../aws/generate-mac";
import { CommandError } from "../config/command-error";
import { REVIEW_KEY_ALIAS } from "../config/names";
import type { ProgramStack } from "../terraform/program";

/** What the key of a review's digests is derived from. A new number gives all reports new digests. */
const MESSAGE = "drydock review digests, 1";

/**
 * The key with which digests of hidden values are made. Only the roles that plan and deploy can derive it, so that
 * nobody who reads a report can try values until a digest fits.
 *
 * @param base stacks of the base, whose foundation declares the key
 * @returns undefined where the fleet has no such key yet, or the caller may not use it
 * @throws {CommandError} with exit code 1 when AWS cannot be asked
 */
export async function reviewKey(base: readonly ProgramStack[]): Promise<Buffer | undefined> {
  for (const { json, resources } of base) {
    const alias = resources.find(({ type, arguments: { name } }) => type === "aws_kms_alias" && REVIEW_KEY_ALIAS.test(String(name)));
    const region = json.provider?.["aws"]?.[0]?.["region"];
    if (!alias || typeof region !== "string") continue;
    const name = String(alias.arguments["name"]);
    try {
      return await generateMac({ alias: name, region }, MESSAGE);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError(`KMS cannot be asked for the key of the review, ${name} in ${region}: ${reason}`, 1);
    }
  }
  return undefined;
}
