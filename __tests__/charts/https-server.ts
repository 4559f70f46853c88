import { createServer, type Server } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { Agent, fetch as fetchThrough } from "undici";

/** What a path answers: bytes, a status, or anything a server can do. */
export type Answer = Buffer | number | ((request: IncomingMessage, response: ServerResponse) => unknown);

/** A web server on this machine that speaks https, with a certificate made for the test. */
export interface HttpsServer {
  /** Host and port. */
  readonly address: string;
  /** What it answers, by path; 404 for everything else. */
  answers: Record<string, Answer>;
  /** What it was asked, in order. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** A fetch that trusts the certificate. */
  readonly fetch: typeof fetch;
  /** The certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string;
  readonly close: () => Promise<void>;
}

/** Starts a server; the caller closes it. */
export async function startHttps(): Promise<HttpsServer> {
  const { cert, private: key } = await certificate;
  const requests: HttpsServer["requests"] = [];
  const server: Server = createServer({ cert, key }, (request, response) => {
    const path = request.url ?? "";
    requests.push({ path, headers: request.headers });
    const answer = started.answers[path] ?? 404;
    if (typeof answer === "function") answer(request, response);
    else if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(200, { "content-length": answer.length }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const agent = new Agent({ connect: { ca: cert } });
  const started: HttpsServer = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: {},
    requests,
    fetch: ((url: string, init: object) => fetchThrough(url, { ...init, dispatcher: agent })) as unknown as typeof fetch,
    certificate: cert,
    close: async () => {
      await agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return started;
}

/** One for all servers of a test file: making one takes a moment. */
const certificate = generate([{ name: "commonName", value: "127.0.0.1" }], {
  algorithm: "sha256",
  keySize: 2048,
  extensions: [
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
  ],
});
