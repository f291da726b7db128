/** Colours of the terminal. Without colours each function gives its text back. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Where text goes to, as far as colours are concerned. */
export interface Output {
  readonly isTTY?: boolean | undefined;
}

/**
 * Colours only for a person who can see and wants them.
 * @see https://no-color.org
 */
export function wantsColour(output: Output, environment: Readonly<Record<string, string | undefined>>): boolean {
  return output.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

export function createStyle(colour: boolean): Style {
  const paint = (start: number, end: number) => (text: string) =>
    colour ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    red: paint(31, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
