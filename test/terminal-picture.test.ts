import { describe, expect, it } from "vitest";
import { readTerminal, terminalSvg } from "../scripts/terminal-picture.mjs";

const ESC = "\u001b[";

describe("a picture of a terminal", () => {
  it("reads text, columns and colours as tmux captures them, also over line ends", () => {
    const rows = readTerminal(
      `${ESC}32m$${ESC}39m kunji status\n${ESC}1mone\ntwo${ESC}0m${ESC}39m${ESC}49m  three\n\n\n`,
    );
    const plain = { bold: false, dim: false, colour: undefined };
    expect(rows).toEqual([
      [
        { text: "$", column: 0, ...plain, colour: "#7ee2a0" },
        { text: " kunji status", column: 1, ...plain },
      ],
      [{ text: "one", column: 0, ...plain, bold: true }],
      [
        { text: "two", column: 0, ...plain, bold: true },
        { text: "  three", column: 3, ...plain },
      ],
    ]);
  });

  it("draws every word that was there and nothing else, escaped, at its column", () => {
    const svg = terminalSvg(readTerminal("$ kunji <token> & more\n\n  ● valid"));
    const drawn = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
    expect(drawn).toEqual(["$ kunji &lt;token&gt; &amp; more", "● valid"]);
    expect(svg).toContain('x="36.8" y="82" textLength="58.8"');
  });

  it.each([`${ESC}2Jgone`, `${ESC}45mground`])("refuses what it cannot draw: %j", (text) => {
    expect(() => readTerminal(text)).toThrow();
  });
});
