// Draws what a terminal shows as a picture: reads captured text with its colours from stdin, writes an SVG.
//
//   tmux -L picture new-session -d -x 96 -y 30        a terminal of a known size
//   tmux -L picture attach                            ... in which the commands are typed
//   tmux -L picture capture-pane -e -p | node scripts/terminal-picture.mjs docs/pictures/terminal-login.svg
//
// Nothing is added but the frame. Secrets that are on the screen are in the picture: take it against `kunji serve --demo`.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CELL = { width: 8.4, height: 19 };
const FONT_SIZE = 14;
const PADDING = 20;
const BAR = 30;
const COLOURS = {
  ground: "#14171f",
  text: "#d7dae3",
  /** Terminals' 0 to 7, and 8 to 15. */
  palette: [
    ["#4b5263", "#f47067", "#7ee2a0", "#f2cc60", "#7aa8ff", "#d2a8ff", "#6cd6e4", "#d7dae3"],
    ["#8b93a7", "#ff938a", "#a3f0bd", "#ffe08a", "#a5c4ff", "#e2c5ff", "#9be9f3", "#ffffff"],
  ],
};
const ESCAPE = "\u001b[";

/**
 * Reads captured text with SGR sequences, line by line; colours may go on over line ends.
 * @param {string} text as `tmux capture-pane -e -p` prints it
 * @returns {{ text: string, column: number, bold: boolean, dim: boolean, colour: string | undefined }[][]} runs of one look
 */
export function readTerminal(text) {
  let look = { bold: false, dim: false, colour: undefined };
  const rows = text
    .replace(/\s*$/, "")
    .split("\n")
    .map((line) => {
      const runs = [];
      let column = 0;
      for (const [index, part] of line.split(ESCAPE).entries()) {
        const end = index === 0 ? -1 : part.search(/[A-Za-z]/);
        if (index > 0) {
          if (part[end] !== "m") throw new Error("the text holds control sequences other than colours");
          look = changed(look, part.slice(0, end));
        }
        const shown = part.slice(end + 1);
        if (shown !== "") runs.push({ text: shown, column, ...look });
        column += [...shown].length;
      }
      return runs;
    });
  return rows;
}

function changed(look, codes) {
  return codes.split(";").map(Number).reduce(withCode, look);
}

function withCode(look, code) {
  if (code === 0) return { bold: false, dim: false, colour: undefined };
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, colour: undefined };
  if (code === 49) return look; // the ground: the only one there is
  const [first, bright] = [code % 10, code >= 90 ? 1 : 0];
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97))
    return { ...look, colour: COLOURS.palette[bright][first] };
  throw new Error(`colour ${code} is not known here`);
}

/** @param {ReturnType<typeof readTerminal>} rows @returns {string} an SVG file */
export function terminalSvg(rows) {
  const columns = Math.max(...rows.flat().map(({ column, text }) => column + [...text].length));
  const width = Math.ceil(columns * CELL.width + 2 * PADDING);
  const height = Math.ceil(rows.length * CELL.height + BAR + PADDING);
  const lines = rows.flatMap((runs, row) => {
    const y = round(BAR + row * CELL.height + FONT_SIZE);
    return runs.flatMap(intoPhrases).map((run) => drawRun(run, y));
  });
  const words = rows.map((runs) =>
    runs
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(words.join("\n").trim())}</title>
<rect width="${width}" height="${height}" rx="10" fill="${COLOURS.ground}"/>
${["#f47067", "#f2cc60", "#7ee2a0"].map((fill, index) => `<circle cx="${PADDING + index * 16}" cy="15" r="4.5" fill="${fill}"/>`).join("")}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="${FONT_SIZE}" fill="${COLOURS.text}">
${lines.join("\n")}
</g>
</svg>
`;
}

/** Not every viewer draws two spaces in a row, so what they part is drawn apart. */
function intoPhrases(run) {
  return [...run.text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: text, index }) => ({
    ...run,
    text,
    column: run.column + [...run.text.slice(0, index)].length,
  }));
}

/** Its width is said, so that columns stand beneath each other in every font. */
function drawRun({ text, column, bold, dim, colour }, y) {
  const attributes = [
    `x="${round(PADDING + column * CELL.width)}"`,
    `y="${y}"`,
    `textLength="${round([...text].length * CELL.width)}"`,
    'lengthAdjust="spacingAndGlyphs"',
    ...(colour ? [`fill="${colour}"`] : []),
    ...(bold ? ['font-weight="700"'] : []),
    ...(dim ? ['opacity="0.65"'] : []),
  ];
  return `<text ${attributes.join(" ")}>${escaped(text)}</text>`;
}

function escaped(text) {
  return text.replace(/[&<>]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? char);
}

function round(number) {
  return Math.round(number * 100) / 100;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error("usage: tmux capture-pane -e -p | node scripts/terminal-picture.mjs PICTURE.svg");
    process.exit(2);
  }
  writeFileSync(path, terminalSvg(readTerminal(readFileSync(0, "utf8"))));
}
