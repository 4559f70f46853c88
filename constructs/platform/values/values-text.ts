/**
 * Values as text for Helm: JSON, which is YAML too and whose differences Terraform shows key by key, with sorted keys,
 * so that the same values always give the same bytes. What looks like a Terraform expression within them is text;
 * references made by cdktf stay references.
 */
export function valuesText(values: object): string {
  return JSON.stringify(sorted(values))
    .replaceAll(/\$\{(?!TfToken\[)/g, "$$${")
    .replaceAll("%{", "%%{");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
