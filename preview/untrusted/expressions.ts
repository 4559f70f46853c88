import type { TFExpressionSyntaxTree } from "@cdktf/hcl2json";
import functions from "../../facts/program-functions.json";
import type { Finding } from "./refusal";

/** Longest text with expressions that is read, in characters: some times the longest that Drydock writes. */
const LONGEST = 24 * 1024;

/**
 * Most of such texts in one program, and most characters of them: Drydock writes a few hundred in a stack. Parsing each
 * takes a third of a millisecond, and memory that the parser does not give back.
 */
const MOST = { texts: 10_000, characters: 1024 * 1024 };

/** Deepest nesting of brackets; the parser takes memory by the square of it. */
const DEEPEST = 60;

const ALLOWED: ReadonlySet<string> = new Set(functions.allowed);
const NEVER: Readonly<Record<string, string | undefined>> = functions.never;

/** Kinds of nodes of which references are made. Loops are none of them: nested, they fill the memory of who plans. */
const NODES: ReadonlySet<string> = new Set([
  "template",
  "templateWrap",
  "literalValue",
  "scopeTraversal",
  "relativeTraversal",
  "function",
  "index",
  "splat",
  "tuple",
  "object",
  "conditional",
  "binaryOp",
  "unaryOp",
  // Parentheses, keys of objects, and the element that a splat stands for.
  "",
]);

/** What expressions of a program may refer to besides its own resources. */
const ROOTS: ReadonlySet<string> = new Set(["data", "terraform", "local", "var"]);

/** Reads expressions as Terraform does, and says what in them is off the list. */
export class Expressions {
  private readonly seen = new Map<string, readonly Finding[]>();
  private characters = 0;

  /** @param types resource types that the program declares, which references begin with */
  constructor(private readonly types: ReadonlySet<string>) {}

  /** Checks every text within a value, keys included: Terraform reads both as templates. */
  async check(value: unknown, path: string): Promise<readonly Finding[]> {
    if (typeof value === "string") return this.checkText(value, path);
    if (typeof value !== "object" || value === null) return [];
    const found: Finding[] = [];
    for (const [key, inner] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
      if (!Array.isArray(value)) found.push(...(await this.checkText(key, path)));
      found.push(...(await this.check(inner, at)));
    }
    return found;
  }

  private async checkText(text: string, path: string): Promise<readonly Finding[]> {
    if (!text.includes("${") && !text.includes("%{")) return [];
    const known = this.seen.get(text) ?? (await this.parse(text));
    if (this.seen.size < MOST.texts) this.seen.set(text, known);
    return known.map((finding) => ({ ...finding, path }));
  }

  private async parse(text: string): Promise<readonly Finding[]> {
    this.characters += text.length;
    const refuse = (reason: string): readonly Finding[] => [{ path: "", reason, exception: undefined }];
    if (isDeep(text)) return refuse(`nests its expressions more than ${DEEPEST} levels deep`);
    if (text.length > LONGEST) return refuse(`is a text with expressions of more than ${LONGEST / 1024} KiB`);
    if (this.seen.size >= MOST.texts || this.characters > MOST.characters)
      return refuse(`comes after ${MOST.texts} texts with expressions, or ${MOST.characters / 1024 / 1024} MiB of them`);
    try {
      // Loaded when it is needed: it brings Terraform's own parser, which takes a moment to start.
      const { getExpressionAst } = await import("@cdktf/hcl2json");
      const tree = await getExpressionAst("program.tf", asHeredoc(text));
      return tree ? this.findingsIn(tree) : refuse("holds an expression that cannot be read");
    } catch {
      return refuse("holds an expression that Terraform cannot read");
    }
  }

  private findingsIn(node: TFExpressionSyntaxTree.ExpressionAst): readonly Finding[] {
    return [...this.findingsAt(node), ...node.children.flatMap((child) => this.findingsIn(child))];
  }

  private findingsAt(node: TFExpressionSyntaxTree.ExpressionAst): readonly Finding[] {
    const finding = (reason: string, exception: string | undefined): readonly Finding[] => [{ path: "", reason, exception }];
    if (!NODES.has(node.type)) return finding("holds a loop, which Drydock never writes", undefined);
    if (node.type === "function") {
      const { name } = node.meta as { readonly name: string };
      const why = NEVER[name];
      if (why !== undefined) return finding(`calls ${name}(), which ${why}`, undefined);
      return ALLOWED.has(name) ? [] : finding(`calls ${name}(), which is not on the list of functions`, `function ${name}`);
    }
    if (node.type === "scopeTraversal") {
      const { traversal } = node.meta as { readonly traversal: readonly { readonly segment: string }[] };
      const root = traversal[0]?.segment ?? "";
      return ROOTS.has(root) || this.types.has(root)
        ? []
        : finding(`refers to ${root}, which is no resource of the program`, `reference ${root}`);
    }
    return [];
  }
}

/** Whether brackets open deeper than any expression of ours, counted without regard to what they are part of. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[([{)\]}]/g)) {
    depth += "([{".includes(bracket) ? 1 : -1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** A text as the content of a heredoc: there a backslash means nothing, as in JSON's own templates. */
function asHeredoc(text: string): string {
  let end = "END_OF_TEXT";
  while (text.includes(end)) end += "_";
  return `<<${end}\n${text}\n${end}\n`;
}
