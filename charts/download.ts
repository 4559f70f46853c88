import pRetry, { AbortError } from "p-retry";
import { plainText } from "./plain-text";

/** How requests are made, and until when. */
export interface Client {
  readonly fetch: typeof fetch;
  readonly deadline: AbortSignal;
  /** What the deadline was set to, in milliseconds. */
  readonly totalMs: number;
}

/** What is asked for at an address. */
export interface Asked {
  /** For messages. */
  readonly what: string;
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether an answer of 401 is of use.
   * @default false
   */
  readonly mayBeRefused?: boolean;
}

/** What an address answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Longest time one request may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

const RETRIES = 3;

/** Most redirects that are followed; downloads from release pages need one or two. */
const MAX_REDIRECTS = 5;

/**
 * Downloads what an address leads to, over https alone. What may pass (429, 5xx, a broken connection) is tried again.
 * @throws {Error} with the address and the reason
 */
export async function download(url: string, asked: Asked, client: Client): Promise<Answer> {
  try {
    return await pRetry(() => attempt(url, asked, client), { retries: RETRIES, minTimeout: 200, signal: client.deadline });
  } catch (error) {
    if (!client.deadline.aborted) throw error;
    throw new Error(`${shown(url)} was given up after ${client.totalMs / 1000} s`, { cause: error });
  }
}

async function attempt(url: string, { what, maxBytes, headers = {}, mayBeRefused = false }: Asked, client: Client): Promise<Answer> {
  const response = await follow(url, headers, client);
  const { status } = response;
  if (!response.ok) {
    await response.body?.cancel();
    if (status === 401 && mayBeRefused) return { status, headers: response.headers, body: Buffer.alloc(0) };
    const failure = new Error(`${shown(url)} answers ${status}`);
    throw status === 429 || status >= 500 ? failure : new AbortError(failure);
  }
  const encoding = response.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") {
    await response.body?.cancel();
    throw new AbortError(`${shown(url)} answers in the encoding ${plainText(encoding)}, so that the bytes are not those of the ${what}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBytes) throw new AbortError(`${shown(url)} is larger than ${sizeWords(maxBytes)}, which no ${what} is`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AbortError) throw error;
    throw new Error(`${shown(url)} broke off after ${size} bytes`, { cause: error });
  }
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) !== size) throw new Error(`${shown(url)} ended after ${size} of ${length} bytes`);
  return { status, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Follows redirects by hand: each address is checked before anything is sent there, and credentials stay where they belong. */
async function follow(start: string, headers: Readonly<Record<string, string>>, client: Client): Promise<Response> {
  const first = checkedAddress(start, start);
  let url = first;
  let carried = headers;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    // What left the origin once gets no credentials even where it comes back: another chose the address.
    if (url.origin !== first.origin) carried = withoutCredentials(carried);
    const response = await request(url, carried, client);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (location === null || !URL.canParse(location, url.href)) throw new AbortError(`${shown(url)} redirects to nowhere`);
    url = checkedAddress(new URL(location, url.href).href, start);
  }
  throw new AbortError(`${shown(start)} redirects more than ${MAX_REDIRECTS} times`);
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function checkedAddress(address: string, start: string): URL {
  const from = address === start ? "" : `${shown(start)} leads to `;
  if (!URL.canParse(address)) throw new AbortError(`${plainText(address)} is no address`);
  const url = new URL(address);
  if (url.protocol !== "https:") throw new AbortError(`${from}${shown(url)}, which is not https`);
  if (url.username !== "" || url.password !== "") throw new AbortError(`${from}${shown(url)} with credentials in the address`);
  return url;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}

async function request(url: URL, headers: Readonly<Record<string, string>>, client: Client): Promise<Response> {
  try {
    return await client.fetch(url.href, {
      // Decoding would be one more thing that unpacks without a bound.
      headers: { ...headers, "accept-encoding": "identity" },
      redirect: "manual",
      signal: AbortSignal.any([client.deadline, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${plainText(error.cause.message)}` : "";
    throw new Error(`${shown(url)} cannot be reached${cause}`, { cause: error });
  }
}

/** Longest address in a message, in characters: those of a lock fit. */
const LONGEST_ADDRESS = 2048;

/** An address for a message: without its query, which may sign a download, and without credentials. */
function shown(address: string | URL): string {
  if (!URL.canParse(String(address))) return plainText(String(address));
  const { protocol, host, pathname } = new URL(address);
  return plainText(`${protocol}//${host}${pathname}`, LONGEST_ADDRESS);
}

function sizeWords(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}
