/** An amount of time, room or pieces, and how a reader sees it. */
export interface Amount {
  /** To compare amounts of one unit; without end, infinity. */
  readonly size: number;
  readonly text: string;
}

/** How the values of an attribute are read as amounts. */
export interface Measure {
  /** `duration` such as 720h or 30d, `size` such as 40GiB, `date` as ISO 8601; else the word for the number. */
  readonly unit: string;
  /** Values that stand for an amount without end, beside `forever`. */
  readonly forever?: readonly unknown[];
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const POWERS = "KMGTPE";

/** @returns undefined for what is no amount of that unit */
export function amountOf(value: unknown, { unit, forever = [] }: Measure): Amount | undefined {
  if (value === "forever" || forever.includes(value)) return { size: Number.POSITIVE_INFINITY, text: "forever" };
  const size = sizeOf(value, unit);
  return size === undefined || Number.isNaN(size) ? undefined : { size, text: String(value) };
}

/** Two amounts side by side, such as `7 days instead of 30`. */
export function instead(now: Amount, before: Amount, { unit }: Measure): string {
  const word =
    ["duration", "size", "date"].includes(unit) || now.text === "forever" ? "" : ` ${now.size === 1 ? unit.replace(/s$/, "") : unit}`;
  return `${now.text}${word} instead of ${before.text}`;
}

function sizeOf(value: unknown, unit: string): number | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  if (unit === "duration") return sumOf(text, /(\d+(?:\.\d+)?)(ms|[smhdwy])/g, (name) => SECONDS[name] ?? 0);
  if (unit === "size") return sumOf(text, /(\d+(?:\.\d+)?)((?:[KMGTPE]i?)?B?)/gi, bytesIn);
  if (unit === "date") return text === "" ? undefined : Date.parse(text);
  if (typeof value === "number") return value;
  return text === "" ? undefined : Number(text);
}

/** Sum of the numbers in a text that holds nothing but numbers with units. */
function sumOf(text: string, part: RegExp, unitOf: (name: string) => number): number | undefined {
  if (text === "" || text.replace(part, "") !== "") return undefined;
  return [...text.matchAll(part)].reduce((sum, [, number = "", name = ""]) => sum + Number(number) * unitOf(name), 0);
}

/** Prometheus counts in powers of two either way. */
function bytesIn(name: string): number {
  return 1024 ** (POWERS.indexOf(name.charAt(0).toUpperCase()) + 1);
}
