import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { docsOf, fieldTable } from "./field-table";

const INTRO = `# fleet.ts, field by field

Generated from the comments of the types in \`config/\` by \`npm run docs\`; a test keeps the two together.
A field without a default is required. What runs right now (colours, Kubernetes minors, weights) stands in
\`fleet.state.json\`, described at the end.
`;

const STATE = `## fleet.state.json

Which colours of each cluster run. Edited by hand or by Drydock's commands, always reviewed; no field lives in both files.

\`\`\`json
{
  "production": { "colours": { "blue": { "kubernetes": "1.35", "weight": 100 } } },
  "playground": { "colours": {} }
}
\`\`\`

| field | meaning |
| --- | --- |
| \`<cluster>.colours.<blue or green>.kubernetes\` | Kubernetes minor; one that \`versions.json\` pins |
| \`<cluster>.colours.<blue or green>.weight\` | Share of the traffic in percent; the weights of a cluster sum to 100 |
| \`<cluster>.colours.<blue or green>.nodeRelease\` | Node image release instead of the one that \`versions.json\` pins |
| \`<cluster>.served\` | The colour that served before; needed while both have the same weight |
| \`<cluster>.liftProtection\` | \`true\` lets a protected cluster be destroyed; remove it right after |
`;

/** Files with the declaration's types, in the order of the reference. */
const FILES = ["declaration.ts", "cluster-declaration.ts"];

/** The reference of every field of the declaration, as Markdown. */
export function fleetReference(root: string): string {
  const sections = FILES.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(root, "config", file), "utf8"), ts.ScriptTarget.Latest, true);
    return source.statements
      .filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      .map((node) => section(node, source));
  });
  return `${INTRO}\n${sections.join("\n")}\n${STATE}`;
}

function section(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration, source: ts.SourceFile): string {
  const { text } = docsOf(node);
  const members: readonly ts.TypeElement[] = ts.isInterfaceDeclaration(node)
    ? [...node.members]
    : literalsOf(node.type).flatMap(({ members: own }) => [...own]);
  const table =
    members.length > 0
      ? `\n${fieldTable(members, source)}\n`
      : `\n\`${node
          .getText(source)
          .replace(/^.*?=\s*/s, "")
          .replace(/;$/, "")}\`\n`;
  return `## ${node.name.text}\n\n${text}\n${table}`;
}

function literalsOf(type: ts.TypeNode): ts.TypeLiteralNode[] {
  if (ts.isTypeLiteralNode(type)) return [type];
  return ts.isUnionTypeNode(type) ? type.types.filter(ts.isTypeLiteralNode) : [];
}
