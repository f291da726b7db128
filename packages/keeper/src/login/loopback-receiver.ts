/**
 * Listens where the registered redirect URI leads, for the browser that comes back from the broker (RFC 8252 7.3).
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CheckedCallback } from "@kunji/client";
import { KeeperError } from "../keeper-error.ts";
import { isNavigationTo, pathOf } from "./browser-request.ts";
import { type CallbackVerdict, type ExpectedAnswer, judgeCallback } from "./callback-verdict.ts";
import { CannotListen, PortInUse } from "./listen-locally.ts";
import type { LoopbackAddress } from "./loopback-address.ts";
import { RESULT_HEADERS, type ResultPage, renderResultPage } from "./result-page.ts";
import { type Waiting, waitAt } from "./shared-port.ts";
import type { SetTimer } from "./timer.ts";

/** How long the browser is kept waiting for the outcome. */
const HOLD_MS = 10_000;
/** How long the port stays open for a browser that has not asked for the last page yet. */
const LAST_PAGE_MS = 5_000;

const NOT_FOR_US: ResultPage = {
  tone: "plain",
  heading: "This login is not the one that waits",
  text: "It belongs to an older try, or somebody else started it. Nothing was changed.",
  nextStep: "Close this tab and go on in the one with your latest login.",
};
const TAKEN: ResultPage = {
  tone: "plain",
  heading: "This login is over",
  text: "Its answer has already arrived.",
  nextStep: "You can close this tab.",
};
const STILL_WORKING: ResultPage = {
  tone: "plain",
  heading: "Your login has arrived",
  text: "Fetching the token takes longer than usual.",
  nextStep: "The program you started the login from says how it ended. You can close this tab.",
};

export interface LoopbackReceiver {
  /** The first answer to this login (S-88). Rejects with CallbackException when it is a no. Stays open when none comes. */
  readonly answer: Promise<CheckedCallback>;
  /**
   * Shows the browser how it ended, if one is there, and closes the port.
   * @returns when a browser that waits has its page
   */
  readonly finish: (page: ResultPage) => Promise<void>;
}

export interface LoopbackReceiverOptions {
  readonly address: LoopbackAddress;
  readonly expected: ExpectedAnswer;
  readonly setTimer: SetTimer;
}

/**
 * @returns undefined when this machine does not let us listen on that port at all (below 1024, for instance): the answer
 * can then only be pasted
 * @throws KeeperError `PORT_TAKEN` when it is in use; never another port (S-90)
 */
export async function openLoopbackReceiver(options: LoopbackReceiverOptions): Promise<LoopbackReceiver | undefined> {
  const visit = new LoginVisit(options);
  const { port, host } = options.address;
  try {
    visit.leave = await waitAt(options.address, visit);
    return visit;
  } catch (error) {
    if (error instanceof CannotListen) return undefined;
    if (error instanceof PortInUse) throw portTaken(host, port, error);
    throw error;
  }
}

/** One browser's way: the callback, a redirect that clears the address bar, the page that says how it ended. */
class LoginVisit implements LoopbackReceiver, Waiting {
  readonly answer: Promise<CheckedCallback>;
  /** The port is not needed any more. */
  leave: () => void = () => {};
  readonly #options: LoopbackReceiverOptions;
  /** Only the browser that brought the answer is told how it ended. */
  readonly #lastPath = `/kunji/${randomBytes(16).toString("base64url")}`;
  readonly #waiting = new Set<ServerResponse>();
  #settle: ((verdict: Exclude<CallbackVerdict, { kind: "noise" }>) => void) | undefined;
  #page: ResultPage | undefined;

  constructor(options: LoopbackReceiverOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#settle = (verdict) => (verdict.kind === "answer" ? resolve(verdict.callback) : reject(verdict.refusal));
    });
    // Whoever pasted first does not look here any more.
    this.answer.catch(() => {});
  }

  /** A callback with this login's state, or the browser that brought it. */
  readonly isFor = (request: IncomingMessage): boolean => {
    const { address, expected } = this.#options;
    const path = pathOf(request);
    return (
      path === this.#lastPath || (path === address.path && judgeCallback(request.url ?? "", expected).kind !== "noise")
    );
  };

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { host, path } = this.#options.address;
    if (!isNavigationTo(request, host)) refuse(response, 403);
    else if (pathOf(request) === path) this.#takeCallback(request.url ?? "", response);
    else if (pathOf(request) === this.#lastPath && this.#settle === undefined) this.#showLastPage(response);
    else refuse(response, 404);
  };

  async finish(page: ResultPage): Promise<void> {
    this.#page = page;
    const close = () => this.leave();
    if (this.#settle !== undefined) {
      // No browser brought the answer, so none waits for a page.
      this.#settle = undefined;
      return close();
    }
    if (this.#waiting.size === 0) {
      this.#options.setTimer(close, LAST_PAGE_MS);
      return;
    }
    await Promise.all([...this.#waiting].map((response) => sendPage(response, 200, page)));
    close();
  }

  #takeCallback(url: string, response: ServerResponse): void {
    const settle = this.#settle;
    const verdict = settle && judgeCallback(url, this.#options.expected);
    if (settle === undefined || verdict === undefined || verdict.kind === "noise") {
      void sendPage(response, 400, settle === undefined ? TAKEN : NOT_FOR_US);
      return;
    }
    this.#settle = undefined;
    // Code and state leave the address bar and the history (S-89).
    response.writeHead(303, { ...RESULT_HEADERS, Location: this.#lastPath, Connection: "close" }).end();
    settle(verdict);
  }

  /** The port is open for nothing but this page (S-88). */
  #showLastPage(response: ServerResponse): void {
    if (this.#page !== undefined) {
      void sendPage(response, 200, this.#page).then(() => this.leave());
      return;
    }
    this.#waiting.add(response);
    const stopHolding = this.#options.setTimer(() => {
      // It has its page now: a second one cannot be sent, and would fail a login that worked.
      this.#waiting.delete(response);
      void sendPage(response, 200, STILL_WORKING);
    }, HOLD_MS);
    response.once("close", () => {
      stopHolding();
      this.#waiting.delete(response);
    });
  }
}

/** Resolves when the page has left, or the browser has. */
function sendPage(response: ServerResponse, status: number, page: ResultPage): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
    response
      .writeHead(status, { ...RESULT_HEADERS, "Content-Type": "text/html; charset=utf-8", Connection: "close" })
      .end(renderResultPage(page));
  });
}

function refuse(response: ServerResponse, status: 403 | 404): void {
  const text = status === 403 ? "Only for a browser that comes back from a login.\n" : "There is nothing here.\n";
  response
    .writeHead(status, { ...RESULT_HEADERS, "Content-Type": "text/plain; charset=utf-8", Connection: "close" })
    .end(text);
}

function portTaken(host: string, port: number, cause: unknown): KeeperError {
  const look = process.platform === "win32" ? `netstat -ano | findstr :${port}` : `lsof -i :${port}`;
  return new KeeperError("PORT_TAKEN", `port ${port} is in use, and the login must come back to ${host}`, {
    nextStep: `Another login may be waiting there. See who has it: ${look}`,
    cause,
  });
}
