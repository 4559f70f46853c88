import Table from "cli-table3";

/** A table without lines. */
export function plainTable(head: string[], rows: string[][]): string {
  const none = Object.fromEntries(
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
      "mid",
      "mid-mid",
      "right",
      "right-mid",
      "middle",
    ].map((part) => [part, ""]),
  );
  const table = new Table({ head, style: { head: [], border: [], "padding-left": 0, "padding-right": 3, compact: true }, chars: none });
  table.push(...rows);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
