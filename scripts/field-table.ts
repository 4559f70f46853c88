import ts from "typescript";

/**
 * Fields of a type as a Markdown table.
 * @throws {Error} for a field without a comment, and for an optional one that names no default
 */
export function fieldTable(members: readonly ts.TypeElement[], source: ts.SourceFile): string {
  const rows = members.filter((member) => ts.isPropertySignature(member)).flatMap((member) => fieldRows(member, "", source));
  return `| field | type | meaning | default |\n| --- | --- | --- | --- |\n${rows.join("\n")}`;
}

/** Text and `@default` of a node's comment. */
export function docsOf(node: ts.Node): { readonly text: string; readonly fallback: string } {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === "default");
  return { text: ts.getTextOfJSDocComment(comment?.comment)?.trim() ?? "", fallback: ts.getTextOfJSDocComment(tag?.comment)?.trim() ?? "" };
}

function fieldRows(member: ts.PropertySignature, prefix: string, source: ts.SourceFile): string[] {
  const { text, fallback } = docsOf(member);
  const name = `${prefix}${member.name.getText(source)}`;
  const nested =
    member.type && ts.isTypeLiteralNode(member.type) ? [...member.type.members].filter((inner) => ts.isPropertySignature(inner)) : [];
  const type = nested.length > 0 ? "object" : (member.type?.getText(source) ?? "").replace(/^readonly /, "");
  if (text === "") throw new Error(`${name} has no comment.`);
  if (member.questionToken && fallback === "") throw new Error(`${name} is optional and names no @default.`);
  const cells = [`\`${name}\``, `\`${type}\``, text, member.questionToken ? fallback : "required"];
  return [
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`,
    ...nested.flatMap((inner) => fieldRows(inner, `${name}.`, source)),
  ];
}
