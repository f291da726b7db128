import type { Style } from "./style.ts";
import { alignColumns } from "./table.ts";

/** Names and what they stand for, one below the other. @param indent spaces before every line */
export function alignFacts(rows: readonly (readonly string[])[], style: Style, indent: number): string {
  return alignColumns(
    rows.map(([name = "", ...rest]) => [style.dim(name), ...rest]),
    { indent },
  );
}
