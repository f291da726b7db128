import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CallbackException, type CheckedCallback, readCallback } from "@kunji/client";
import type { ResultPage } from "@kunji/keeper";

const PATH = "/callback";
const DONE_PATH = "/done";
/** How long the browser may take for the last page. */
const LAST_PAGE_MS = 5_000;
const DONE: ResultPage = {
  tone: "done",
  heading: "You are logged in",
  text: "The demo has the answer of the broker, and exchanges its code for the day's access token.",
  nextStep: "You can close this tab and go back to the terminal.",
};
const REFUSED: ResultPage = {
  tone: "failed",
  heading: "The login was refused",
  text: "The broker said no, or you did. Nothing was changed.",
  nextStep: "You can close this tab and go back to the terminal.",
};
const NOT_AWAITED: ResultPage = {
  tone: "plain",
  heading: "No login waits for this",
  text: "This is not the answer to a login that waits here.",
  nextStep: "Go on in the tab with your latest login, or start the demo again.",
};

export interface LoopbackReceiver {
  readonly redirectUri: string;
  /**
   * Waits for the callback of one login.
   * @throws CallbackException when the broker or the person said no
   * @throws the signal's reason when it ends the wait
   */
  readonly wait: (
    expected: { readonly state: string; readonly issuer: string },
    signal: AbortSignal,
  ) => Promise<CheckedCallback>;
  readonly close: () => Promise<void>;
}

type Waiting = {
  readonly expected: { readonly state: string; readonly issuer: string };
  readonly settle: (outcome: CheckedCallback | CallbackException) => void;
};

/** Listens on 127.0.0.1, on a free port, for the browser that comes back from the broker (S-85). */
export async function openLoopbackReceiver(): Promise<LoopbackReceiver> {
  let waiting: Waiting | undefined;
  let page = DONE;
  let host = "";
  let isDone = false;
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    const path = url.split("?", 1)[0];
    if (!isNavigation(request, host))
      return answer(response, 403, "This address is for a browser that comes back from a login.\n");
    if (path === DONE_PATH) {
      if (isDone) server.close();
      return sendPage(response, 200, page);
    }
    if (path !== PATH) return answer(response, 404, "There is nothing here.\n");
    const outcome = waiting && check(url, waiting);
    if (!outcome) return sendPage(response, 400, NOT_AWAITED);
    page = outcome instanceof CallbackException ? REFUSED : DONE;
    // The code leaves the address bar and the history (S-89).
    response.setHeader("Location", DONE_PATH);
    answer(response, 303, "");
    const { settle } = waiting as Waiting;
    waiting = undefined;
    isDone = true;
    // The port is open for nothing but the last page (S-88).
    setTimeout(() => server.close(), LAST_PAGE_MS).unref();
    settle(outcome);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    redirectUri: `http://${host}${PATH}`,
    wait: (expected, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          waiting = undefined;
          reject(signal.reason);
        };
        if (signal.aborted) return stop();
        signal.addEventListener("abort", stop, { once: true });
        waiting = {
          expected,
          settle(outcome) {
            signal.removeEventListener("abort", stop);
            if (outcome instanceof CallbackException) reject(outcome);
            else resolve(outcome);
          },
        };
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A person's browser that follows a redirect, and nothing a page in it sends in secret (S-86). */
function isNavigation(request: IncomingMessage, host: string): boolean {
  const mode = request.headers["sec-fetch-mode"];
  return request.method === "GET" && request.headers.host === host && (mode === undefined || mode === "navigate");
}

/** @returns undefined when this is noise and the wait goes on: a foreign state (S-87), or no callback at all */
function check(url: string, { expected }: Waiting): CheckedCallback | CallbackException | undefined {
  try {
    return readCallback(url, expected);
  } catch (error) {
    if (!(error instanceof CallbackException)) throw error;
    return error.code === "DENIED" || error.code === "ISSUER_MISMATCH" ? error : undefined;
  }
}

/** The page that the keeper's logins end on. */
async function sendPage(response: ServerResponse, status: number, page: ResultPage): Promise<void> {
  const { RESULT_HEADERS, renderResultPage } = await import("@kunji/keeper");
  const headers = { ...RESULT_HEADERS, "Content-Type": "text/html; charset=utf-8", Connection: "close" };
  response.writeHead(status, headers).end(renderResultPage(page));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      Connection: "close",
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "Content-Security-Policy": "default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    })
    .end(text);
}
