import { createHash, createHmac } from "node:crypto";

/** How the digests of a report were made: two reports are compared only by digests of one kind. */
export type DigestKind = "sha256" | "hmac-sha256";

/** What stands for a whole value where the value itself is cut or hidden. */
export interface ValueDigest {
  /** Equal for equal values only; undefined where nothing may be said of a hidden value. */
  readonly digest?: string;
  /** The same of the value without ids that AWS makes: those of the stand-in are made up. */
  readonly shape?: string;
}

/** Bytes of a digest that a report carries: 128 bits, so that nobody finds two values of one digest. */
const BYTES = 16;

/** Ids and addresses that AWS makes, as they turn up within values. */
const MADE_BY_AWS = new RegExp(
  [
    /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
    /\b[a-z]{2,12}-[0-9a-f]{8,17}\b/,
    /\bZ[A-Z0-9]{8,32}\b/,
    /\b[0-9a-fA-F]{16,64}\b/,
    /\b[\w-]+\.(?:[\w-]+\.){0,3}(?:elb|eks)(?:\.[\w-]+)?\.amazonaws\.com(?:\.cn)?\b/,
    /\bLS0tLS1CRUdJTiBD[\w+/=]+/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/**
 * Makes digests of whole values, so that a plan is held to the reviewed one in every byte although a report shows only
 * parts. Without a key, a hidden value gets none: whoever reads the report could try passwords until one fits.
 */
export class Digests {
  readonly kind: DigestKind;

  /**
   * @param key secret that only planning and deploying roles can derive; undefined where there is none
   * @param wanted whether anybody compares values later; without, none is made
   */
  constructor(
    private readonly key?: Buffer,
    private readonly wanted = true,
  ) {
    this.kind = key === undefined ? "sha256" : "hmac-sha256";
  }

  /** For what is only shown. */
  static none(): Digests {
    return new Digests(undefined, false);
  }

  /**
   * @param place address and path, so that equal values in two places do not show as equal
   * @param hidden whether a part of the value may not be shown
   */
  of(place: string, value: unknown, hidden: boolean): ValueDigest {
    if (!this.wanted || (hidden && this.key === undefined)) return {};
    const text = canonical(value);
    const shape = text.replace(MADE_BY_AWS, "<made by AWS>");
    return { digest: this.sum(place, text), ...(shape === text ? {} : { shape: this.sum(place, shape) }) };
  }

  /**
   * The same for a value of many parts: without a key, of the value with its secrets taken out. What is secret in it is
   * compared for itself.
   *
   * @param redacted the value as text without its secrets
   */
  ofWhole(place: string, value: unknown, redacted: string): ValueDigest {
    const hidden = redacted !== canonical(value);
    return hidden && this.key === undefined ? this.of(place, redacted, false) : this.of(place, value, hidden);
  }

  private sum(place: string, text: string): string {
    const hash = this.key === undefined ? createHash("sha256") : createHmac("sha256", this.key);
    return hash.update(`${place}\0${text}`).digest().subarray(0, BYTES).toString("base64url");
  }
}

/** A value as text: equal for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}
