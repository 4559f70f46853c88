import { createHash } from "node:crypto";
import { z } from "zod";
import { download, type Client } from "./download";
import { MAX_PACKAGE_BYTES } from "./package-files";

/** Longest time that one package may take, with every redirect, token and repetition, in milliseconds. */
const TOTAL_MS = 5 * 60_000;

/** Options of {@link fetchPackage}. */
export interface FetchOptions {
  /**
   * How requests are made.
   * @default the global fetch
   */
  readonly fetch?: typeof fetch;
  /**
   * Longest time that one package may take, in milliseconds.
   * @default 300000
   */
  readonly totalMs?: number;
}

/**
 * Fetches a package, from an https address or from an OCI registry. No request is made over http, at any hop.
 * @param url `https://...` or `oci://<registry>/<repository>`
 * @param version tag of the package in a registry
 * @throws {Error} with the address and the reason; what may pass (429, 5xx, a broken connection) is tried again first
 */
export async function fetchPackage(url: string, version: string, options: FetchOptions = {}): Promise<Buffer> {
  const { fetch: request = fetch, totalMs = TOTAL_MS } = options;
  const client: Client = { fetch: request, deadline: AbortSignal.timeout(totalMs), totalMs };
  if (url.startsWith("oci://")) return fetchFromRegistry(url, version, client);
  return (await download(url, { what: "package", maxBytes: MAX_PACKAGE_BYTES }, client)).body;
}

const HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Largest manifest and token answer that are read, in bytes; both have a few hundred. */
const MAX_MANIFEST = 256 * 1024;
const MAX_TOKEN = 64 * 1024;

const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string(), size: z.number().optional() })),
});

/** A token as RFC 6750 writes it: nothing that could end the header it is sent in. */
const tokenField = z.string().regex(/^[\w.~+/-]+=*$/);
const tokenSchema = z.union([z.object({ token: tokenField }), z.object({ access_token: tokenField })]);

async function fetchFromRegistry(url: string, version: string, client: Client): Promise<Buffer> {
  const [, registry, repository] = /^oci:\/\/([A-Za-z0-9.-]+(?::\d+)?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/.exec(url) ?? [];
  if (registry === undefined || repository === undefined) throw new Error(`${url} is no address of the form oci://<registry>/<repository>`);
  const base = `https://${registry}/v2/${repository}`;
  // A tag may not hold a plus.
  const manifestUrl = `${base}/manifests/${encodeURIComponent(version.replaceAll("+", "_"))}`;
  const asked = { what: "manifest", maxBytes: MAX_MANIFEST, headers: { accept: OCI_MANIFEST } };
  let answer = await download(manifestUrl, { ...asked, mayBeRefused: true }, client);
  let authorization: Readonly<Record<string, string>> = {};
  if (answer.status === 401) {
    authorization = { authorization: `Bearer ${await registryToken(manifestUrl, answer.headers.get("www-authenticate") ?? "", client)}` };
    answer = await download(manifestUrl, { ...asked, headers: { ...asked.headers, ...authorization } }, client);
  }
  const named = answer.headers.get("docker-content-digest");
  if (named !== null && named !== digestOf(answer.body))
    throw new Error(`${manifestUrl} is a manifest that has not the digest it is given with`);
  const { layers } = parsed(manifestSchema, answer.body, `${manifestUrl} is no manifest of an image`);
  const charts = layers.filter(({ mediaType }) => mediaType === HELM_LAYER);
  const [layer] = charts;
  if (!layer) throw new Error(`${url}:${version} holds no Helm chart`);
  if (charts.length > 1) throw new Error(`${url}:${version} holds ${charts.length} Helm charts`);
  if (!/^sha256:[0-9a-f]{64}$/.test(layer.digest)) throw new Error(`${manifestUrl} names a layer by something else than a sha256 digest`);
  const blobUrl = `${base}/blobs/${layer.digest}`;
  const blob = await download(blobUrl, { what: "package", maxBytes: MAX_PACKAGE_BYTES, headers: authorization }, client);
  if (digestOf(blob.body) !== layer.digest) throw new Error(`${blobUrl} has the digest ${digestOf(blob.body)}, not the one it is named by`);
  return blob.body;
}

/** Asks for an anonymous token where a registry wants one; see the distribution specification's token authentication. */
async function registryToken(url: string, challenge: string, client: Client): Promise<string> {
  const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
  const realm = parameters.get("realm");
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm))
    throw new Error(`${url} wants credentials, and Drydock has none`);
  const asking = new URL(realm);
  for (const name of ["service", "scope"]) {
    const value = parameters.get(name);
    if (value !== undefined) asking.searchParams.set(name, value);
  }
  const answer = await download(asking.href, { what: "token", maxBytes: MAX_TOKEN }, client);
  const token = parsed(tokenSchema, answer.body, `${url} has its tokens at ${asking.origin}, which answers with none`);
  return "token" in token ? token.token : token.access_token;
}

function parsed<T>(schema: z.ZodType<T>, body: Buffer, otherwise: string): T {
  try {
    return schema.parse(JSON.parse(body.toString("utf8")));
  } catch (error) {
    throw new Error(otherwise, { cause: error });
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
