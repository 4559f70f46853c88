import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * KMS on loopback, as far as codes are made: it refuses what KMS refuses. A request must be signed, name a key that is
 * there, and ask for an algorithm of it.
 */
export class KmsServer {
  readonly requests: string[] = [];
  /** Alias of the one key, and whether the caller may use it. */
  alias = "alias/tiny-review";
  allowed = true;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<KmsServer> {
    const server = createServer();
    const kms = new KmsServer(server);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void kms.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return kms;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** What leads the SDK here, with credentials of nobody. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.server.address() as AddressInfo;
    return {
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "of-nobody",
      AWS_MAX_ATTEMPTS: "1",
    };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Readonly<Record<string, string>>;
    const target = String(request.headers["x-amz-target"]);
    this.requests.push(target);
    const refuse = (status: number, type: string, message: string): void => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify({ __type: type, message }));
    };
    if (!/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/kms\/aws4_request/.test(request.headers.authorization ?? ""))
      refuse(400, "MissingAuthenticationTokenException", "Request is missing Authentication Token");
    else if (target !== "TrentService.GenerateMac") refuse(400, "UnknownOperationException", target);
    else if (body["KeyId"] !== this.alias) refuse(400, "NotFoundException", `Alias ${body["KeyId"] ?? ""} is not found.`);
    else if (!this.allowed) refuse(400, "AccessDeniedException", "User is not authorized to perform: kms:GenerateMac");
    else if (body["MacAlgorithm"] !== "HMAC_SHA_256") refuse(400, "InvalidKeyUsageException", "The algorithm is none of the key's");
    else {
      const mac = createHmac("sha256", "a key that never leaves")
        .update(Buffer.from(body["Message"] ?? "", "base64"))
        .digest("base64");
      const answer = { KeyId: `arn:aws:kms:eu-west-1:111122223333:${body["KeyId"]}`, Mac: mac, MacAlgorithm: "HMAC_SHA_256" };
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
    }
  }
}
