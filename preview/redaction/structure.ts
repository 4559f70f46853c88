import { parse as parseYaml } from "yaml";
import { HIDDEN, isTellingName, type Secrets } from "./secrets";

/** Objects and lists within a string: `jsonencode`d text, or the values of a Helm release. */
export function embedded(text: string): object | undefined {
  const start = text.trimStart()[0];
  if (start === "{" || start === "[") {
    try {
      return JSON.parse(text) as object;
    } catch {
      // It only looks like JSON.
    }
  }
  // YAML makes an object of nearly every sentence with a colon; only what has lines of keys is taken for it.
  if (!/^[\w"'./-]+:(\s|$)/m.test(text) || !text.includes("\n")) return undefined;
  try {
    const value: unknown = parseYaml(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Terraform's mask beside a value: true, or a structure with true where something is secret. */
export type Mask = unknown;

/** The part of a mask that belongs to a key. */
export function maskAt(mask: Mask, key: string | number): Mask {
  if (mask === true) return true;
  return typeof mask === "object" && mask !== null ? (mask as Readonly<Record<string | number, unknown>>)[key] : undefined;
}

/** Whether anything within is masked. */
export function isMasked(mask: Mask): boolean {
  if (mask === true) return true;
  return typeof mask === "object" && mask !== null && Object.values(mask).some(isMasked);
}

/** A Kubernetes Secret holds nothing else; an environment variable says by its name what it holds. */
export function holdsSecret(parent: object, key: string): boolean {
  const { kind, name } = parent as { readonly kind?: unknown; readonly name?: unknown };
  if (kind === "Secret" && (key === "data" || key === "stringData")) return true;
  return isTellingName(key) || (key === "value" && typeof name === "string" && isTellingName(name));
}

/** Remembers everything secret within a value: what Terraform masks, and what its key gives away, also within strings. */
export function collectSecrets(secrets: Secrets, value: unknown, mask: Mask): void {
  if (mask === true) {
    secrets.add(value);
    const inner = typeof value === "string" ? embedded(value) : undefined;
    if (inner) secrets.add(inner);
  } else if (typeof value === "string") {
    const inner = embedded(value);
    if (inner) collectSecrets(secrets, inner, undefined);
    else secrets.learn(value);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collectSecrets(secrets, item, maskAt(mask, index));
    });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) collectSecrets(secrets, inner, holdsSecret(value, key) ? true : maskAt(mask, key));
  }
}

/** A copy in which what its key gives away is hidden, however short it is. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, holdsSecret(value, key) ? HIDDEN : withoutSecrets(inner)]));
}
