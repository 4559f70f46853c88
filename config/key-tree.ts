/**
 * Values that a chart knows, by key. A leaf is a type: `string`, `number`, `boolean`, `list`, `map` (free keys), `any`,
 * or several joined by `|`. In an object the key `*` stands for keys that the chart does not name.
 */
export interface KeyTree {
  readonly [key: string]: KeyTree | string;
}

/** Values that a key tree admits, as a type: a key that the chart does not know does not compile. */
export type ValuesOf<Tree> = {
  readonly [Key in keyof Tree as Key extends "*" ? never : Key]?: Tree[Key] extends string ? unknown : ValuesOf<Tree[Key]> | null;
} & ("*" extends keyof Tree ? Readonly<Record<string, unknown>> : unknown);
