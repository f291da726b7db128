import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import { type MessageView, messagePage } from "../pages/index.ts";
import type { ShownAttempt } from "./login-flow.ts";
import type { LoginNotice } from "./login-request.ts";

/** How a login ended, in words. */
export type Ending = Pick<MessageView, "tone" | "title" | "text">;

/**
 * The page of a login that is over.
 * @param own endings that only this broker has, or words differently
 */
export function endedPage(
  context: BrokerContext,
  identity: DialectIdentity,
  { attempt, client }: ShownAttempt,
  own: (startAgain: string) => Readonly<Partial<Record<LoginNotice, Ending>>>,
): string {
  const startAgain = client ? `Go back to ${client.name} and start again.` : "Start again when you are ready.";
  const notice = attempt.notice ?? "cancelled";
  const ending = own(startAgain)[notice] ?? sharedEndings[notice] ?? cancelled(startAgain);
  return messagePage({ ...context.page(identity), ...ending });
}

const sharedEndings: Readonly<Partial<Record<LoginNotice, Ending>>> = {
  "owner-only": {
    tone: "error",
    title: "This app is not for your account",
    text: "The app may only be used with its owner's account. Nothing was shared with it.",
  },
  "client-unavailable": {
    tone: "error",
    title: "This app cannot be used now",
    text: "The app was switched off or changed while you logged in. Nothing was shared with it.\nAsk the people who make it.",
  },
  finished: {
    tone: "success",
    title: "You are logged in",
    text: "This login is finished. You can close this tab.",
  },
};

function cancelled(startAgain: string): Ending {
  return { tone: "info", title: "You cancelled this login", text: `Nothing was shared. ${startAgain}` };
}
