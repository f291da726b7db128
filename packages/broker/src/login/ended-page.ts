import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import { type MessageView, messagePage } from "../pages/index.ts";
import type { ShownAttempt } from "./login-flow.ts";
import type { LoginNotice } from "./login-request.ts";

/** How a login ended, in words. */
export type Ending = Pick<MessageView, "tone" | "title" | "text" | "actionHref" | "actionLabel">;

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
  const shared = notice === "finished" ? finished(startAgain, client !== undefined) : sharedEndings[notice];
  const ending = own(startAgain)[notice] ?? shared ?? cancelled(startAgain);
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
};

/** A browser that sent the PIN twice has lost the way back to the app (submit-once.ts): say what helps. */
function finished(startAgain: string, isForApp: boolean): Ending {
  const closed = "This login is finished. You can close this tab.";
  return {
    tone: "success",
    title: "You are logged in",
    text: isForApp ? [closed, `The app did not open? ${startAgain}`] : closed,
  };
}

function cancelled(startAgain: string): Ending {
  return { tone: "info", title: "You cancelled this login", text: `Nothing was shared. ${startAgain}` };
}
