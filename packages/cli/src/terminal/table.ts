import { stripVTControlCharacters } from "node:util";

/** How many columns a text takes; colours take none. */
export function textWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export interface TableOptions {
  /** Spaces before every line. */
  readonly indent?: number;
  /** Columns, from 0, whose text stands at the right edge. */
  readonly right?: readonly number[];
}

/** Lines up columns, two spaces apart, with nothing after the last text of a line. */
export function alignColumns(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { indent = 0, right = [] } = options;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, textWidth(text));
  }
  const lines = rows.map((row) => {
    const cells = row.map((text, column) => {
      const gap = " ".repeat((widths[column] ?? 0) - textWidth(text));
      return right.includes(column) ? gap + text : text + gap;
    });
    return (" ".repeat(indent) + cells.join("  ")).trimEnd();
  });
  return lines.join("\n");
}
