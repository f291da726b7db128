/**
 * A failed call to a broker in the keeper's words: what it means for the login, and what the person can do.
 */
import { ApiException } from "@kunji/client";
import type { Broker } from "./brokers/broker.ts";
import { KeeperError } from "./keeper-error.ts";

export interface FailureWords {
  /** What failed, to go before "failed": `the login at Upstox`. */
  readonly doing: string;
  /** A sentence on what the attempt used up, shown with the next step. */
  readonly spent?: string | undefined;
  /** What to look at when the broker says no. @defaultValue the app's key and secret */
  readonly check?: string | undefined;
  /** What to do after that. @defaultValue `log in again` */
  readonly afterwards?: string | undefined;
}

/** @returns the error itself when it already is a KeeperError, or none of a broker's */
export function brokerFailure(broker: Broker, error: unknown, words: FailureWords): unknown {
  const { doing, spent, check = "the app's key and secret", afterwards = "log in again" } = words;
  if (error instanceof KeeperError || !(error instanceof ApiException)) return error;
  const explain = (code: KeeperError["code"], why: string, nextStep: string): KeeperError =>
    new KeeperError(code, `${doing} failed: ${why}`, {
      // The client's exceptions hold no request and no secret (S-73).
      cause: error,
      nextStep: spent === undefined ? nextStep : `${spent} ${nextStep}`,
    });
  switch (broker.judge(error)) {
    case "wrong-ip":
      return explain(
        "WRONG_IP",
        `${broker.title} refuses this machine's address`,
        `Register its public address with ${broker.title}, or run this on the registered machine.`,
      );
    case "closed":
      return explain("CLOSED", `${broker.title} is closed at this hour`, "Try again when it is open.");
    case "busy":
      return explain("BROKER_UNREACHABLE", `${broker.title} got too many calls`, "Try again in a minute.");
    case "unreachable":
      return explain(
        "BROKER_UNREACHABLE",
        `no usable answer from ${broker.title} (${error.message})`,
        `Check the network, then ${afterwards}.`,
      );
    case "dead":
    case "refused":
      return explain(
        "LOGIN_FAILED",
        `${broker.title} said no (${error.message})`,
        `Check ${check}, then ${afterwards}.`,
      );
  }
}
