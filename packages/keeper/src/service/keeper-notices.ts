/** Puts what happens into words for the owner. */
import { accountLabel } from "../account.ts";
import { istMoment } from "./dashboard/time-text.ts";
import type { FeedEvent } from "./event-feed.ts";
import type { LoginFailure } from "./login-desk.ts";
import type { Notice } from "./notify.ts";

/** @param dashboard address of the page, without a ticket. @returns undefined for what needs no word */
export function eventNotice(event: FeedEvent, dashboard: string): Notice | undefined {
  const { type, broker, account, expiresAt } = event;
  const name = accountLabel(event);
  const until = expiresAt === undefined ? "" : ` until ${istMoment(expiresAt)}`;
  const facts = { broker, account, expiresAt };
  switch (type) {
    case "renewed":
      return { ...facts, event: "renewed", message: `${name} is logged in${until}.`, nextStep: undefined };
    case "expiring":
      return { ...facts, event: "expiring", message: `${name} is logged in only${until}.`, nextStep: undefined };
    case "loginRequired":
      return {
        ...facts,
        event: "loginRequired",
        message: `${name} needs a login.`,
        nextStep: `Open ${dashboard} or run: kunji login ${broker}${account === "default" ? "" : ` --account ${account}`}`,
      };
    case "expired":
      return undefined; // said by expiring before, by loginRequired after
  }
}

export function failureNotice({ broker, account, message, nextStep }: LoginFailure): Notice {
  const text = `${accountLabel({ broker, account })} could not be logged in: ${message}.`;
  return { event: "failed", broker, account, message: text, nextStep, expiresAt: undefined };
}
