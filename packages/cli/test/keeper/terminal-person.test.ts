import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { type TerminalPersonOptions, terminalPerson } from "../../src/keeper/terminal-person.ts";
import { createProgress } from "../../src/terminal/progress.ts";
import { createStyle } from "../../src/terminal/style.ts";

const login = {
  id: { broker: "upstox", account: "default" },
  title: "Upstox",
  url: "https://broker.example.in/dialog?state=abc",
  redirectUri: "http://127.0.0.1:7475/callback",
  endsAt: 90_000,
};

function person(options: Partial<TerminalPersonOptions> = {}) {
  let screen = "";
  const write = (text: string) => {
    screen += text;
  };
  const style = createStyle(false);
  const made = terminalPerson({
    progress: createProgress({ isTTY: true, write }, style),
    style,
    columns: 60,
    openBrowser: undefined,
    qrCode: undefined,
    input: undefined,
    otherDeviceHint: (redirectUri) => `On another device the login ends at ${redirectUri}: copy that address.`,
    now: () => 0,
    ...options,
  });
  return { made, screen: () => screen };
}

describe("a person at the terminal", () => {
  it("is shown the address alone on its line, and how long the wait lasts", () => {
    const { made, screen } = person();
    made.openLogin(login);
    made.done();
    expect(screen()).toContain(`Open this in a browser:\n\n${login.url}\n\n`);
    expect(screen()).toContain("1:30 left");
    expect(screen()).not.toContain("On another device");
  });

  it("is told that somebody else logs in, until it is their own turn", () => {
    const { made, screen } = person();
    made.waitInLine?.();
    expect(screen()).toContain("Waiting for that login.");
    made.openLogin(login);
    made.done();
    expect(screen().slice(screen().lastIndexOf("\r"))).not.toContain("Waiting");
  });

  it("is told how to paste where something can be typed, in lines that fit", () => {
    const { made, screen } = person({ input: new PassThrough() });
    made.openLogin(login);
    made.done();
    const hint = screen().slice(screen().indexOf("On another device"));
    expect(hint.split("\n")[0]?.length).toBeLessThanOrEqual(60);
  });

  it("gets the browser opened once, and the QR code above the address", async () => {
    const opened: string[] = [];
    let show = (_code: string) => {};
    const shown = new Promise<string>((resolve) => {
      show = resolve;
    });
    const { made, screen } = person({ openBrowser: (url) => opened.push(url), qrCode: () => shown });
    made.openLogin(login);
    show("CODE");
    await shown;
    made.done();
    expect(opened).toEqual([login.url]);
    expect(screen().indexOf("CODE")).toBeLessThan(screen().indexOf(login.url));
  });

  it("may paste lines; empty ones are nothing, and the end of the login ends the reading", async () => {
    const input = new PassThrough();
    const { made } = person({ input });
    const stop = new AbortController();
    input.write("\n  http://127.0.0.1:7475/callback?code=c  \n");
    const lines: string[] = [];
    for await (const line of made.pastedUrls?.(stop.signal) ?? []) {
      lines.push(line);
      stop.abort();
    }
    expect(lines).toEqual(["http://127.0.0.1:7475/callback?code=c"]);
    expect(input.isPaused()).toBe(true);
  });

  it("is told what to approve, with the number and the warning", () => {
    const { made, screen } = person();
    made.awaitApproval({
      id: login.id,
      title: "Upstox",
      notifierUrl: "https://bot.example.in/kunji/approved/…",
      warning: "It may not arrive.",
      matchNumber: "42",
      endsAt: 90_000,
    });
    made.done();
    for (const words of ["Approve the login in the Upstox app", "Type this number there: 42", "It may not arrive."]) {
      expect(screen()).toContain(words);
    }
  });
});
