import type { AccountProfile } from "./account.ts";
import type { Broker } from "./brokers/broker.ts";
import { KeeperError } from "./keeper-error.ts";

/** The login page's address needs one; which is of no matter here. */
const ANY_REDIRECT_URI = "http://127.0.0.1:7475/callback";

/**
 * Makes sure that a secret may travel to the account's broker: over https, or on this machine (S-72). The client would
 * refuse it as well, but only when somebody waits for the login, and not in words for that person.
 * @throws KeeperError `USAGE`
 */
export function requireHost(broker: Broker, profile: AccountProfile): void {
  try {
    broker.authorizationUrl({ ...profile, redirectUri: ANY_REDIRECT_URI }, "state", { pkce: undefined });
  } catch (error) {
    const why = error instanceof Error ? `: ${error.message}` : "";
    throw new KeeperError("USAGE", `${broker.title} cannot be reached by its address${why}`, {
      nextStep: `Look at the account's host, and at KUNJI_${broker.name.toUpperCase()}_URL if you set it.`,
      cause: error,
    });
  }
}
