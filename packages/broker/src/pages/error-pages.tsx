/** Errors that have no step to go back to. None of them repeats what was sent (S-56); the reference leads to the log. */
import { messagePage } from "./message-page.tsx";
import type { PageView } from "./page-view.ts";

export interface ErrorView extends PageView {
  readonly requestId: string;
}

/** 400 of the dialog: unknown app or a redirect URI that is not the registered one. Never a redirect. */
export function clientErrorPage(view: ErrorView): string {
  return messagePage({
    ...view,
    title: "This login link does not work",
    text: [
      "The app that sent you here is not known, or it asked us to send you to an address it has not registered. Nothing was shared with it.",
      "Go back to the app and try again. If it happens again, tell the people who make it: client_id or redirect_uri is incorrect.",
    ],
    tone: "error",
  });
}

/** 400 of a form or link that makes no sense: a missing token, a step out of order, a form sent twice (S-34, S-36, S-41). */
export function badRequestPage(view: ErrorView): string {
  return messagePage({
    ...view,
    title: "This page cannot go on",
    text: "It may have been open for too long, sent twice, or opened in another browser. Go back to the app and start the login again.",
    tone: "warning",
  });
}

/** 404. */
export function notFoundPage(view: ErrorView & { readonly homeHref?: string | undefined }): string {
  return messagePage({
    ...view,
    title: "Page not found",
    text: "There is nothing at this address. Check it for typing mistakes, or go back to where you came from.",
    tone: "info",
    ...(view.homeHref === undefined ? {} : { actionHref: view.homeHref, actionLabel: "Go to the start page" }),
  });
}

/** 429: too many requests from here. */
export function tooManyRequestsPage(view: ErrorView & { readonly retryAfter: string }): string {
  return messagePage({
    ...view,
    title: "Please wait a little",
    text: `There were too many tries in a short time. Try again ${view.retryAfter}.`,
    tone: "warning",
  });
}

/** 503: it is not the person's doing. What was sent had no effect, and says so where somebody waits for a code (S-124). */
export function busyPage(
  view: ErrorView & { readonly retryAfter: string; readonly unsent?: "code" | undefined },
): string {
  const again = `Go back and try again ${view.retryAfter}.`;
  return messagePage({
    ...view,
    title: view.unsent === "code" ? "We cannot send a code right now" : "There is too much to do here right now",
    text:
      view.unsent === "code"
        ? ["Many people are asking for one at the same time. No code was sent, and nothing has changed.", again]
        : `It is not your fault. ${again}`,
    tone: "warning",
  });
}

/** 500. */
export function serverErrorPage(view: ErrorView): string {
  return messagePage({
    ...view,
    title: "Something went wrong here",
    text: "This is our fault, not yours, and it is in our log. Wait a minute and try again. If it stays, quote the reference below when you ask for help.",
    tone: "error",
  });
}
