import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Person } from "@kunji/keeper";
import { countdown } from "../terminal/duration.ts";
import type { Progress } from "../terminal/progress.ts";
import type { Style } from "../terminal/style.ts";
import { wrapWords } from "../terminal/wrap.ts";

export interface TerminalPersonOptions {
  readonly progress: Progress;
  readonly style: Style;
  /** Width of the terminal. */
  readonly columns: number;
  /** Opens an address in the person's browser; undefined where there is none or none is wanted. */
  readonly openBrowser: ((url: string) => void) | undefined;
  /** The address as a QR code of text; undefined when none is wanted. */
  readonly qrCode: ((url: string) => Promise<string | undefined>) | undefined;
  /** Where pasted addresses come from; undefined when nobody can type. */
  readonly input: Readable | undefined;
  /** How a login on another device comes back. @param redirectUri as registered */
  readonly otherDeviceHint: (redirectUri: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const TICK_MS = 1_000;

/** A person at a terminal: what they are asked to do is written above one line that counts down. */
export function terminalPerson(options: TerminalPersonOptions): Person & { readonly done: () => void } {
  const { progress, style, columns, input, now } = options;
  let ticking: NodeJS.Timeout | undefined;
  const countDown = (what: string, endsAt: number) => {
    const tick = () => progress.say(`${what} ${style.dim(`${countdown((endsAt - now()) / 1000)} left`)}`);
    clearInterval(ticking);
    ticking = setInterval(tick, TICK_MS).unref();
    tick();
  };
  const say = (paint: (text: string) => string, text: string) => progress.above(paint(wrapWords(text, columns)));
  return {
    openLogin({ title, url, redirectUri, endsAt }) {
      options.openBrowser?.(url);
      const heading = options.openBrowser
        ? `Log in to ${title} in the browser that opens. If none does, open this yourself:`
        : `Log in to ${title}. Open this in a browser:`;
      const tell = (code?: string) => {
        // First, so that address and hint stay in sight.
        if (code) progress.above(code);
        say(style.bold, heading);
        // The address stands alone on its line: a terminal that wraps it must not put spaces into a copy of it.
        progress.above(`\n${style.cyan(url)}\n`);
        if (input) say(style.dim, `${options.otherDeviceHint(redirectUri)}\n`);
        countDown(`Waiting for you to log in to ${title}.`, endsAt);
      };
      if (options.qrCode) void options.qrCode(url).then(tell, () => tell());
      else tell();
    },
    awaitApproval({ title, notifierUrl, warning, matchNumber, endsAt }) {
      say(style.bold, `Approve the login in the ${title} app, or by the message ${title} sent you.`);
      if (matchNumber) progress.above(`Type this number there: ${style.bold(matchNumber)}`);
      if (notifierUrl) say(style.dim, `The token will be posted to ${notifierUrl}`);
      if (warning) say(style.yellow, warning);
      progress.above("");
      countDown("Waiting for your approval.", endsAt);
    },
    waitInLine: () => progress.say("This account is being logged in already. Waiting for that login."),
    pastedUrls: input ? (signal) => linesOf(input, signal) : undefined,
    refusedPaste: (why) => say(style.yellow, `Not used: ${why}`),
    done() {
      clearInterval(ticking);
      progress.stop();
    },
  };
}

/** Lines that look like an address; empty ones are a person's impatience. */
async function* linesOf(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const stop = () => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const line of lines) {
      if (signal.aborted) return;
      if (line.trim() !== "") yield line.trim();
    }
  } finally {
    signal.removeEventListener("abort", stop);
    lines.close();
    // Or an open terminal keeps the process alive.
    input.pause();
  }
}
