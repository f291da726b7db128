/**
 * A local link that leads somewhere once. Programs see each other's arguments, so the browser is started with this link
 * instead of the login page's address: state stays out of argv (S-79).
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { isNavigationTo, pathOf } from "./browser-request.ts";
import { listenLocally } from "./listen-locally.ts";
import { RESULT_HEADERS, type ResultPage, renderResultPage } from "./result-page.ts";
import { type SetTimer, unrefTimer } from "./timer.ts";

/** A browser that takes longer than this to start has the address printed beside it. */
const LIFETIME_MS = 60_000;

/** Whoever reads the arguments could be faster than the browser; the person then sees this instead of the login page. */
const USED: ResultPage = {
  tone: "failed",
  heading: "This link was opened before",
  text: "It works once. If it was not you, another user of this computer has opened it.",
  nextStep: "Stop the login (Ctrl-C), start it again, and open the address that is printed there yourself.",
};

export interface OneTimeLink {
  readonly url: string;
  readonly close: () => void;
}

/** @param target where the first visitor is sent; it is gone after a minute, used or not */
export async function openOneTimeLink(target: string, setTimer: SetTimer = unrefTimer): Promise<OneTimeLink> {
  const path = `/${randomBytes(16).toString("base64url")}`;
  let host = "";
  let isUsed = false;
  const server = await listenLocally(["127.0.0.1"], 0, (request, response) => {
    if (!isNavigationTo(request, host) || pathOf(request) !== path)
      return end(response, 404, "There is nothing here.\n");
    if (isUsed) return end(response, 410, renderResultPage(USED), "text/html; charset=utf-8");
    isUsed = true;
    response.setHeader("Location", target);
    end(response, 303, "");
  });
  host = `127.0.0.1:${server.port}`;
  // A program that is done does not stay for this.
  server.unref();
  const cancel = setTimer(server.close, LIFETIME_MS);
  return {
    url: `http://${host}${path}`,
    close() {
      cancel();
      server.close();
    },
  };
}

function end(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { ...RESULT_HEADERS, "Content-Type": type, Connection: "close" }).end(text);
}
