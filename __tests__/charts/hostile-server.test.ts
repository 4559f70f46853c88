import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchPackage } from "../../charts/fetch";
import { startHttps, type Answer, type HttpsServer } from "./https-server";
import { aRegistry, HELM_LAYER } from "./registry";
import { sha256 } from "./locks";

const BYTES = Buffer.from("a package");
let server: HttpsServer;
let other: HttpsServer;

beforeEach(async () => {
  server = await startHttps();
  other = await startHttps();
  other.answers["/a.tgz"] = BYTES;
});

afterEach(async () => {
  await Promise.all([server.close(), other.close()]);
});

// Both servers have the same certificate.
const get = (path = "/a.tgz", totalMs = 20_000) =>
  fetchPackage(`https://${server.address}${path}`, "1.0.0", { fetch: server.fetch, totalMs });
const redirect =
  (location: string, status = 302): Answer =>
  (_, response) =>
    response.writeHead(status, { location }).end();
const failure = async (result: Promise<unknown>): Promise<string> => {
  const error = await result.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : String(error);
};

describe("an address", () => {
  it.each(["http://127.0.0.1:1/a.tgz", "http://localhost:1/a.tgz", "http://example.org/a.tgz", "ftp://example.org/a.tgz"])(
    "of %s is never asked, not on this machine either",
    async (url) => {
      const asked: string[] = [];
      const spy = ((address: string) => Promise.reject(new Error(String(asked.push(address))))) as unknown as typeof fetch;
      expect(await failure(fetchPackage(url, "1.0.0", { fetch: spy }))).toContain("which is not https");
      expect(asked).toEqual([]);
    },
  );

  it.each([301, 302, 303, 307, 308])("may redirect with %s to another over https", async (status) => {
    server.answers["/a.tgz"] = redirect(`https://${other.address}/a.tgz`, status);
    expect(await get()).toEqual(BYTES);
  });

  it("that redirects to http is refused, and the other is not asked", async () => {
    let asked = 0;
    const plain = createServer((_, response) => {
      asked++;
      response.end(BYTES);
    });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    server.answers["/a.tgz"] = redirect("/b.tgz");
    server.answers["/b.tgz"] = redirect(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/a.tgz?signed=secret`);
    const words = await failure(get());
    plain.close();
    expect(words).toContain("which is not https");
    expect(words).not.toContain("secret");
    expect(asked).toBe(0);
  });

  it.each([
    ["with credentials in the address", () => `https://user:word@${other.address}/a.tgz`, /with credentials in the address/],
    ["to a file", () => "file:///etc/passwd", /which is not https/],
    ["to data", () => "data:text/plain,x", /which is not https/],
    ["to what is no address", () => "https://[", /redirects to nowhere/],
    ["to itself", () => "/a.tgz", /redirects more than 5 times/],
  ])("that redirects %s is refused", async (_, location, words) => {
    server.answers["/a.tgz"] = redirect(location());
    const message = await failure(get());
    expect(message).toMatch(words);
    expect(message).toContain(`https://${server.address}/a.tgz`);
    expect(message).not.toContain("word");
    expect(other.requests).toEqual([]);
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });

  it("may redirect five times and not six", async () => {
    for (let hop = 1; hop <= 6; hop++) server.answers[`/${hop}`] = redirect(`/${hop - 1}`);
    server.answers["/0"] = BYTES;
    expect(await get("/5")).toEqual(BYTES);
    expect(await failure(get("/6"))).toContain("redirects more than 5 times");
  });

  it("that redirects without saying where is refused", async () => {
    server.answers["/a.tgz"] = 302;
    expect(await failure(get())).toContain("redirects to nowhere");
  });

  it("that answers without an end is left when it is larger than a package", async () => {
    let sent = 0;
    server.answers["/a.tgz"] = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    };
    expect(await failure(get())).toContain("larger than 32 MiB, which no package is");
    expect(server.requests).toHaveLength(1);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it("that answers byte by byte is given up in time", async () => {
    server.answers["/a.tgz"] = (_, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => {
        clearInterval(timer);
      });
    };
    const start = performance.now();
    expect(await failure(get("/a.tgz", 700))).toContain("was given up after 0.7 s");
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("that fails again and again is given up in time", async () => {
    server.answers["/a.tgz"] = 503;
    expect(await failure(get("/a.tgz", 500))).toContain("was given up after 0.5 s");
  });

  it("that packs its answer once more is refused, before that unpacks to anything", async () => {
    server.answers["/a.tgz"] = (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(BYTES));
    expect(await failure(get())).toContain("answers in the encoding gzip");
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("with a certificate that nobody vouches for is not trusted", async () => {
    server.answers["/a.tgz"] = BYTES;
    expect(await failure(fetchPackage(`https://${server.address}/a.tgz`, "1.0.0", { totalMs: 3000 }))).toMatch(
      /cannot be reached|given up/,
    );
    expect(server.requests).toEqual([]);
  });
});

describe("a registry", () => {
  const blob = `/v2/charts/a/blobs/sha256:${sha256(BYTES)}`;
  const manifest = "/v2/charts/a/manifests/1.0.0";
  const pull = () => fetchPackage(`oci://${server.address}/charts/a`, "1.0.0", { fetch: server.fetch, totalMs: 20_000 });
  const helm = (digest: string) => ({ mediaType: HELM_LAYER, digest });

  it.each([
    "../../../evil",
    "sha256:../../evil",
    "sha256:abc",
    `sha512:${"0".repeat(128)}`,
    `sha256:${"0".repeat(64)}/../../x`,
    `sha256:${"A".repeat(64)}`,
  ])("that names a layer by %s is not followed", async (digest) => {
    server.answers = aRegistry(server, BYTES, [helm(digest)]);
    expect(await failure(pull())).toContain("names a layer by something else than a sha256 digest");
    expect(server.requests.filter(({ path }) => !path.startsWith("/token") && path !== manifest)).toEqual([]);
  });

  it("that gives other bytes than a digest names is refused", async () => {
    server.answers = { ...aRegistry(server, BYTES), [blob]: Buffer.from("others") };
    expect(await failure(pull())).toContain("not the one it is named by");
  });

  it("that gives another manifest than its digest says is refused", async () => {
    const body = JSON.stringify({ layers: [helm(`sha256:${sha256(BYTES)}`)] });
    server.answers[manifest] = (_, response) => response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`).end(body);
    server.answers[blob] = BYTES;
    expect(await failure(pull())).toContain("has not the digest it is given with");
    server.answers[manifest] = (_, response) =>
      response.setHeader("docker-content-digest", `sha256:${sha256(Buffer.from(body))}`).end(body);
    expect(await pull()).toEqual(BYTES);
  });

  it.each([
    ["no JSON", "<html>", /is no manifest/],
    ["a list", "[]", /is no manifest/],
    ["layers that are none", `{"layers": [null]}`, /is no manifest/],
    ["no chart", `{"layers": []}`, /holds no Helm chart/],
    ["two charts", JSON.stringify({ layers: [helm(`sha256:${"0".repeat(64)}`), helm(`sha256:${"1".repeat(64)}`)] }), /holds 2 Helm charts/],
    ["a megabyte", " ".repeat(1024 * 1024), /larger than 256 KiB, which no manifest is/],
  ])("whose manifest is %s is refused with a sentence", async (_, body, words) => {
    server.answers[manifest] = Buffer.from(body);
    expect(await failure(pull())).toMatch(words);
  });

  it("whose packages lie elsewhere gets its token, and nobody else does, not even on the way back", async () => {
    server.answers = { ...aRegistry(server, BYTES), [blob]: redirect(`https://${other.address}/back`), "/end": BYTES };
    other.answers["/back"] = redirect(`https://${server.address}/end`);
    expect(await pull()).toEqual(BYTES);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(server.requests.find(({ path }) => path === blob)?.headers.authorization).toBe("Bearer secret-token");
    expect(server.requests.find(({ path }) => path === "/end")?.headers.authorization).toBeUndefined();
  });

  it.each([
    ["over http", 'Bearer realm="http://127.0.0.1:1/token"', /which is not https/],
    ["with credentials in the address", 'Bearer realm="https://user:word@127.0.0.1:1/token"', /credentials in the address/],
    ["at what is no address", 'Bearer realm="token"', /wants credentials, and Drydock has none/],
    ["for a password", 'Basic realm="https://127.0.0.1:1/"', /wants credentials, and Drydock has none/],
    ["without saying where", "Bearer", /wants credentials, and Drydock has none/],
  ])("that has its tokens %s gets no request for one", async (_, challenge, words) => {
    server.answers = aRegistry(server, BYTES, undefined, challenge);
    const message = await failure(pull());
    expect(message).toMatch(words);
    expect(message).not.toContain("word@");
  });

  it.each([
    ["no JSON", "token", /answers with none/],
    ["nothing", "null", /answers with none/],
    ["a token that ends the header", JSON.stringify({ token: "a\r\nhost: evil" }), /answers with none/],
    ["a megabyte", JSON.stringify({ token: "a".repeat(1024 * 1024) }), /larger than 64 KiB, which no token is/],
  ])("whose token is %s is refused with a sentence", async (_, body, words) => {
    server.answers = {
      ...aRegistry(server, BYTES, undefined, `Bearer realm="https://${server.address}/token"`),
      "/token": Buffer.from(body),
    };
    expect(await failure(pull())).toMatch(words);
  });

  it.each(["oci://a/../b", "oci://user@a/b", "oci://a", "oci://a/b?c"])("at %s is none", async (url) => {
    expect(await failure(fetchPackage(url, "1.0.0", { fetch: server.fetch }))).toContain("is no address of the form");
  });
});
