/**
 * What went wrong with a login, in words for the person who waits for it.
 */
import { CallbackException } from "@kunji/client";
import { brokerFailure, type FailureWords } from "../broker-failure.ts";
import type { Broker } from "../brokers/broker.ts";
import { KeeperError } from "../keeper-error.ts";

/** An error of the callback or of the client as the keeper's; other errors are given back as they are. */
export function loginFailure(error: unknown, broker: Broker, words: Omit<FailureWords, "doing">): unknown {
  if (error instanceof CallbackException) return refusedCallback(error, broker.title);
  return brokerFailure(broker, error, { ...words, doing: `the login at ${broker.title}` });
}

function refusedCallback(cause: CallbackException, title: string): KeeperError {
  if (cause.code === "ISSUER_MISMATCH") {
    return new KeeperError("LOGIN_FAILED", `the answer did not come from the ${title} server that the login went to`, {
      nextStep: "Start a new login. If it happens again, somebody may be interfering with it.",
      cause,
    });
  }
  if (cause.error === "access_denied") {
    return new KeeperError("LOGIN_DENIED", `the login was cancelled at ${title}`, {
      nextStep: "Start a new login when you want to.",
      cause,
    });
  }
  return new KeeperError("LOGIN_FAILED", `${title} ended the login${knownWord(cause.error)}`, {
    nextStep: "Start a new login.",
    cause,
  });
}

/** A code of the broker's, when it looks like one: ` (server_error)`. Longer texts may be anybody's. */
function knownWord(word: string | undefined): string {
  return word !== undefined && /^[a-z_]{1,40}$/.test(word) ? ` (${word})` : "";
}
