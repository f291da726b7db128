import { describe, expect, it } from "vitest";
import * as pages from "../../src/pages/index.ts";
import { tagsNamed, textOf } from "./_html.ts";
import { base } from "./_views.ts";

describe("messagePage", () => {
  const message = {
    ...base,
    title: "This login has ended",
    text: ["Start again.", "From the app."],
    tone: "info",
  } as const;

  it("shows each paragraph and no button without a place to go", () => {
    const html = pages.messagePage(message);
    expect(html.match(/<p class="lead">/g)).toHaveLength(2);
    expect(tagsNamed(html, "a")).toEqual([]);
  });

  it("shows the way on as a link that looks like a button", () => {
    const html = pages.messagePage({ ...message, actionHref: "/login", actionLabel: "Log in again" });
    expect(html).toContain('<a class="button primary" href="/login">Log in again</a>');
  });
});

describe("error pages", () => {
  const error = { ...base, requestId: "req-7f3a" };

  it.each([
    ["clientErrorPage", pages.clientErrorPage(error), "Go back to the app and try again."],
    ["badRequestPage", pages.badRequestPage(error), "start the login again"],
    ["notFoundPage", pages.notFoundPage(error), "Check it for typing mistakes"],
    [
      "tooManyRequestsPage",
      pages.tooManyRequestsPage({ ...error, retryAfter: "in one minute" }),
      "Try again in one minute.",
    ],
    ["busyPage", pages.busyPage({ ...error, retryAfter: "in a minute" }), "Go back and try again in a minute."],
    [
      "busyPage of a code",
      pages.busyPage({ ...error, retryAfter: "in a minute", unsent: "code" }),
      "No code was sent, and nothing has changed. Go back and try again in a minute.",
    ],
    ["serverErrorPage", pages.serverErrorPage(error), "try again"],
  ])("%s says what to do and gives the reference", (_name, html, advice) => {
    expect(textOf(html)).toContain(advice);
    expect(textOf(html)).toContain("Reference req-7f3a");
  });

  it("names the two parameters a developer has to check at the dialog", () => {
    expect(textOf(pages.clientErrorPage(error))).toContain("client_id or redirect_uri");
  });
});
