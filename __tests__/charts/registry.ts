import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, HttpsServer } from "./https-server";
import { sha256 } from "./locks";

/** Media type of a chart's package in a registry. */
export const HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/**
 * What a registry with the package of `charts/a` 1.0.0 answers; it wants a token.
 * @param layers what its manifest says instead
 * @param challenge what it says to who has no token
 */
export function aRegistry(
  { address }: HttpsServer,
  bytes: Buffer,
  layers: readonly object[] = [
    { mediaType: "application/vnd.cncf.helm.chart.provenance.v1.prov", digest: `sha256:${"1".repeat(64)}` },
    { mediaType: HELM_LAYER, digest: `sha256:${sha256(bytes)}`, size: bytes.length },
  ],
  challenge = `Bearer realm="https://${address}/token",service="registry",scope="repository:charts/a:pull"`,
): Record<string, Answer> {
  const withToken = (body: Buffer | string) => (request: IncomingMessage, response: ServerResponse) =>
    request.headers.authorization === "Bearer secret-token"
      ? response.end(body)
      : response.writeHead(401, { "www-authenticate": challenge }).end();
  return {
    "/token?service=registry&scope=repository%3Acharts%2Fa%3Apull": Buffer.from(JSON.stringify({ token: "secret-token" })),
    "/v2/charts/a/manifests/1.0.0": withToken(JSON.stringify({ layers })),
    [`/v2/charts/a/blobs/sha256:${sha256(bytes)}`]: withToken(bytes),
  };
}
