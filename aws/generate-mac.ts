/** A key of KMS that only makes and checks codes; it never leaves KMS. */
export interface MacKey {
  /** Such as `alias/acme-review`. */
  readonly alias: string;
  readonly region: string;
}

/**
 * Asks KMS for the code of a message: the same for the same message, and nobody else can make it.
 * @returns 32 bytes; undefined where there is no such key, or the caller may not use it
 * @throws {Error} when AWS cannot be asked
 */
export async function generateMac({ alias, region }: MacKey, message: string): Promise<Buffer | undefined> {
  // The SDK warns every user that Node 20 ends; the README says which Node to use.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  // Loaded when it is needed: every command would start later.
  const { GenerateMacCommand, KMSClient } = await import("@aws-sdk/client-kms");
  const client = new KMSClient({ region });
  try {
    const { Mac: mac } = await client.send(
      new GenerateMacCommand({ KeyId: alias, MacAlgorithm: "HMAC_SHA_256", Message: Buffer.from(message) }),
    );
    return mac && Buffer.from(mac);
  } catch (error) {
    if (error instanceof Error && NO_KEY.has(error.name)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

/** Names of the errors with which KMS, or the SDK before it asks, says that the caller has no such key. */
const NO_KEY: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "CredentialsProviderError",
  "DisabledException",
  "KMSInvalidStateException",
  "NotFoundException",
]);
