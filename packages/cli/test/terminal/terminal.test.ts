import { describe, expect, it } from "vitest";
import { istIso, istMoment, timeLeft } from "../../src/terminal/ist-time.ts";
import { rupees } from "../../src/terminal/rupees.ts";
import { shortenToken } from "../../src/terminal/shorten-token.ts";
import { createStyle, wantsColour } from "../../src/terminal/style.ts";
import { alignColumns, textWidth } from "../../src/terminal/table.ts";

describe("colours", () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { TERM: "dumb" }, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
  ])("on %j with %j: %s", (output, environment, expected) => {
    expect(wantsColour(output, environment)).toBe(expected);
  });

  it("without colours give the text back", () => {
    expect(createStyle(false).red("x")).toBe("x");
    expect(createStyle(true).red("x")).toBe("\u001b[31mx\u001b[39m");
  });
});

describe("a table", () => {
  it("lines columns up, colours or not, with nothing behind the last text", () => {
    const { bold } = createStyle(true);
    const text = alignColumns([[bold("a"), "1"], ["bbb", "22"], ["c"]], { indent: 2, right: [1] });
    expect(text.split("\n")).toEqual([`  ${bold("a")}     1`, "  bbb  22", "  c"]);
  });

  it("counts characters, not their bytes", () => {
    expect(textWidth("₹1")).toBe(2);
  });
});

describe("a shortened token", () => {
  it("keeps the prefix, four characters and the last two", () => {
    expect(shortenToken(`kupx_at_${"01a2".padEnd(57, "x")}9f`)).toBe("kupx_at_01a2...9f");
  });

  it("shows nothing of one that would lose too little", () => {
    expect(shortenToken("short-token")).toBe("...");
    expect(shortenToken("")).toBe("...");
  });
});

describe("values for people in India", () => {
  it.each([
    [123_456.7, "₹1,23,456.70"],
    [-1_200, "-₹1,200.00"],
    [0, "₹0.00"],
  ])("%d is %s", (amount, text) => {
    expect(rupees(amount)).toBe(text);
  });

  it("a moment is shown in IST wherever the machine is", () => {
    const cutOff = Date.parse("2026-11-21T03:30:00+05:30") / 1000;
    expect(istMoment(cutOff)).toBe("Sat 21 Nov 2026, 03:30 IST");
    expect(istIso(cutOff)).toBe("2026-11-21T03:30:00+05:30");
  });

  it.each([
    [59, "less than a minute"],
    [60, "1 min"],
    [3_599, "59 min"],
    [3_600, "1 h 0 min"],
    [66_300, "18 h 25 min"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(timeLeft(seconds)).toBe(text);
  });
});
