import pRetry, { AbortError } from "p-retry";

/** Longest time one request may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** Largest package that is accepted; the largest known chart has less than a megabyte. */
const MAX_BYTES = 32 * 1024 * 1024;

const RETRIES = 3;

/**
 * Fetches a package, from an https address or from an OCI registry.
 * @param url `https://...` or `oci://<registry>/<repository>`
 * @param version tag of the package in a registry
 * @throws {Error} with the address and the reason; what may pass (429, 5xx, a broken connection) is tried again first
 */
export async function fetchPackage(url: string, version: string): Promise<Buffer> {
  return url.startsWith("oci://") ? fetchFromRegistry(url.slice("oci://".length), version) : download(url);
}

const HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Loopback registries, which tests use, speak plain http; every other one must speak https. */
function registryAddress(registry: string): string {
  return isTrusted(`http://${registry}`) ? `http://${registry}` : `https://${registry}`;
}

function isTrusted(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost";
}

async function fetchFromRegistry(reference: string, version: string): Promise<Buffer> {
  const [registry = "", ...rest] = reference.split("/");
  const repository = rest.join("/");
  const base = `${registryAddress(registry)}/v2/${repository}`;
  const manifestUrl = `${base}/manifests/${version.replace("+", "_")}`;
  const token = await registryToken(manifestUrl);
  const headers: Readonly<Record<string, string>> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const manifest = JSON.parse((await download(manifestUrl, { ...headers, accept: OCI_MANIFEST })).toString("utf8")) as {
    readonly layers?: readonly { readonly mediaType: string; readonly digest: string }[];
  };
  const layer = manifest.layers?.find(({ mediaType }) => mediaType === HELM_LAYER);
  if (!layer) throw new Error(`oci://${reference}:${version} holds no Helm chart`);
  return download(`${base}/blobs/${layer.digest}`, headers);
}

/** Asks for an anonymous token where a registry wants one; see the distribution specification's token authentication. */
async function registryToken(url: string): Promise<string | undefined> {
  const response = await request(url, { accept: OCI_MANIFEST });
  await response.body?.cancel();
  if (response.status !== 401) return undefined;
  const challenge = response.headers.get("www-authenticate") ?? "";
  const parameter = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = parameter("realm");
  if (realm === undefined) throw new Error(`${url} wants credentials, and Drydock has none`);
  const asking = new URL(realm);
  for (const name of ["service", "scope"]) {
    const value = parameter(name);
    if (value !== undefined) asking.searchParams.set(name, value);
  }
  const answer = JSON.parse((await download(asking.href)).toString("utf8")) as { readonly token?: string; readonly access_token?: string };
  return answer.token ?? answer.access_token;
}

async function download(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  return pRetry(
    async () => {
      const response = await request(url, headers);
      if (!response.ok) {
        await response.body?.cancel();
        const failure = new Error(`${url} answers ${response.status}`);
        throw response.status === 429 || response.status >= 500 ? failure : new AbortError(failure);
      }
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > MAX_BYTES) throw new AbortError(`${url} is larger than ${MAX_BYTES / 1024 / 1024} MiB, which no chart is`);
        chunks.push(chunk);
      }
      const length = response.headers.get("content-length");
      if (length !== null && response.headers.get("content-encoding") === null && Number(length) !== size)
        throw new Error(`${url} ended after ${size} of ${length} bytes`);
      return Buffer.concat(chunks);
    },
    { retries: RETRIES, minTimeout: 200 },
  );
}

async function request(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    // A redirect may lead anywhere; only to plain http it must not.
    if (!isTrusted(response.url || url)) throw new AbortError(`${url} leads to ${response.url}, which is not https`);
    return response;
  } catch (error) {
    if (error instanceof AbortError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    throw new Error(`${url} cannot be reached${cause}`, { cause: error });
  }
}
