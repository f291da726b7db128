/** Text of one look. */
export interface TerminalRun {
  readonly text: string;
  /** From 0. */
  readonly column: number;
  readonly bold: boolean;
  readonly dim: boolean;
  /** Of the picture, `#7ee2a0` for instance; undefined for the terminal's own. */
  readonly colour: string | undefined;
}

export function readTerminal(text: string): readonly (readonly TerminalRun[])[];
export function terminalSvg(rows: readonly (readonly TerminalRun[])[]): string;
