import { createProgress, type Progress } from "../terminal/progress.ts";
import { createStyle, type Style, wantsColour } from "../terminal/style.ts";

/** What the commands about accounts need of the terminal. Results go to stdout, everything else to stderr. */
export interface Terminal {
  /** Prints a result. */
  readonly print: (text: string) => void;
  /** Prints something to know beside the result. */
  readonly note: (text: string) => void;
  /** Of stdout. */
  readonly style: Style;
  /** Of stderr. */
  readonly noteStyle: Style;
  readonly progress: Progress;
  /** Whether a person can be asked questions here. */
  readonly canAsk: boolean;
  /** Of stderr. */
  readonly columns: number;
  readonly rows: number;
}

export function systemTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const noteStyle = createStyle(wantsColour(stderr, env));
  const progress = createProgress(stderr, noteStyle);
  return {
    print: (text) => stdout.write(`${text}\n`),
    note: (text) => progress.above(text),
    style: createStyle(wantsColour(stdout, env)),
    noteStyle,
    progress,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    columns: stderr.columns || 80,
    rows: stderr.rows || 24,
  };
}
