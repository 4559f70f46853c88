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
const NEVER: ReadonlyMap<string, string> = new Map(Object.entries(functions.never));

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

/** What expressions of a program may refer to besides its own resources and data. */
const ROOTS: ReadonlySet<string> = new Set(["terraform", "local", "var"]);

/** Most findings of one program; more say nothing more. */
const MOST_FINDINGS = 500;

/** What expressions are held to. */
export interface ExpressionContext {
  /** Resource types that the program declares, which references begin with. */
  readonly types: ReadonlySet<string>;
  /** Whether an output of another stack may be read: its state holds what nobody marks any more. */
  readonly mayRead: (remoteState: string, output: string) => boolean;
}

/** Reads expressions as Terraform does, and says what in them is off the list. */
export class Expressions {
  private readonly seen = new Map<string, readonly Finding[]>();
  private readonly found: Finding[] = [];
  private characters = 0;
  /** Set when the parser itself failed: its memory is no longer to be trusted then. */
  private broken = false;

  constructor(private readonly context: ExpressionContext) {}

  /** What was found so far. */
  get findings(): readonly Finding[] {
    return this.found;
  }

  /** Checks every text within a value, keys included: Terraform reads both as templates. */
  async check(value: unknown, path: string): Promise<void> {
    if (this.found.length >= MOST_FINDINGS) return;
    if (typeof value === "string") return this.checkText(value, path);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) await this.checkText(key, path);
      if (typeof inner === "string" || (typeof inner === "object" && inner !== null))
        await this.check(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    }
  }

  private async checkText(text: string, path: string): Promise<void> {
    if (!text.includes("${") && !text.includes("%{")) return;
    const known = this.seen.get(text) ?? (await this.parse(text));
    if (this.seen.size < MOST.texts) this.seen.set(text, known);
    for (const finding of known) this.found.push({ ...finding, path });
  }

  private async parse(text: string): Promise<readonly Finding[]> {
    this.characters += text.length;
    const refuse = (reason: string): readonly Finding[] => [{ path: "", reason, exception: undefined }];
    if (this.broken) return refuse("comes after an expression that broke the parser");
    if (isDeep(text)) return refuse(`nests its expressions more than ${DEEPEST} levels deep`);
    if (text.length > LONGEST) return refuse(`is a text with expressions of more than ${LONGEST / 1024} KiB`);
    if (this.seen.size >= MOST.texts || this.characters > MOST.characters)
      return refuse(`comes after ${MOST.texts} texts with expressions, or ${MOST.characters / 1024 / 1024} MiB of them`);
    try {
      // Loaded when it is needed: it brings Terraform's own parser, which takes a moment to start.
      const { getExpressionAst } = await import("@cdktf/hcl2json");
      const tree = await getExpressionAst("program.tf", asHeredoc(text));
      return tree ? this.findingsIn(tree) : refuse("holds an expression that cannot be read");
    } catch (error) {
      // Anything but the parser's own words means that the parser broke.
      this.broken ||= !(error instanceof Error && error.message.startsWith("getExpressionAst errors"));
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
      const why = NEVER.get(name);
      if (why !== undefined) return finding(`calls ${name}(), which ${why}`, undefined);
      return ALLOWED.has(name) ? [] : finding(`calls ${name}(), which is not on the list of functions`, `function ${name}`);
    }
    if (node.type === "scopeTraversal") {
      const { traversal } = node.meta as { readonly traversal: readonly { readonly segment: string }[] };
      const [root = "", ...rest] = traversal.map(({ segment }) => segment.replace(/^"(.*)"$/, "$1"));
      if (root === "data") return this.dataFindings(rest);
      return ROOTS.has(root) || this.context.types.has(root)
        ? []
        : finding(`refers to ${root}, which is no resource of the program`, `reference ${root}`);
    }
    return [];
  }

  /** Of another stack's state only one output at a time, and only one that the base lets others read. */
  private dataFindings([type, name = "", outputs, output]: readonly string[]): readonly Finding[] {
    const finding = (reason: string, exception: string | undefined): readonly Finding[] => [{ path: "", reason, exception }];
    if (type === undefined || name === "") return finding("refers to all data at once", undefined);
    if (type !== "terraform_remote_state") return [];
    if (outputs !== "outputs" || output === undefined) return finding("reads a state as a whole", undefined);
    return this.context.mayRead(name, output)
      ? []
      : finding(`reads ${output} of another stack, which no stack of the base reads and which may be secret`, `output ${output}`);
  }
}

/** Whether brackets open deeper than in any expression of ours. A bracket closes only the one that was opened last. */
function isDeep(text: string): boolean {
  const open: string[] = [];
  for (const [bracket] of text.matchAll(/[([{)\]}]/g)) {
    const closes = CLOSING[bracket];
    if (closes === undefined) open.push(bracket);
    else if (open.at(-1) === closes) open.pop();
    if (open.length > DEEPEST) return true;
  }
  return false;
}

const CLOSING: Readonly<Record<string, string | undefined>> = { ")": "(", "]": "[", "}": "{" };

/** A text as the content of a heredoc: there a backslash means nothing, as in JSON's own templates. */
function asHeredoc(text: string): string {
  let end = "END_OF_TEXT";
  while (text.includes(end)) end += "_";
  return `<<${end}\n${text}\n${end}\n`;
}
