import type { Dialect } from "../dialect.ts";
import { dialectNamed, dialects } from "../dialects.ts";
import { needsRedirectUri } from "../grants/manage-client.ts";
import { displayName, displayNameLimit } from "../pages/display-text.ts";
import type { Client, Flow } from "../store/clients.ts";
import { AdminError } from "./admin-error.ts";

/** The key of such an app is all it has: its owner's password and second factor are the proof. */
export function isKeyOnly(flows: readonly Flow[]): boolean {
  return flows.includes("individual_token");
}

/** What must hold for the app as a whole, whichever part of it was given. @throws AdminError `REFUSED` */
export function requireConsistent(dialect: Dialect, client: Client): Client {
  const { flows, ownerAccount, kind } = client;
  const refuse = (message: string): never => {
    throw new AdminError("REFUSED", message);
  };
  const foreign = flows.filter((flow) => !dialect.registration.flows.includes(flow));
  if (flows.length === 0 || foreign.length > 0) {
    refuse(`Apps of ${dialect.brokerName} have one or more of the flows ${dialect.registration.flows.join(", ")}.`);
  }
  if (isKeyOnly(flows) && flows.length > 1) refuse("individual_token stands alone: make an app of its own for it.");
  if (isKeyOnly(flows) && kind !== "individual")
    refuse("individual_token is for individual apps: create one with --kind individual.");
  if (kind === "individual" && ownerAccount === null) {
    refuse("An individual app belongs to somebody: name the person with --owner.");
  }
  if (flows.includes("token_request") && ownerAccount === null) {
    refuse("token_request asks for tokens of the app owner's account: name the person with --owner.");
  }
  if (client.redirectUris.length === 0 && needsRedirectUri(client)) refuse("This app needs a redirect URI.");
  return client;
}

/**
 * For an app that is given push approval, or whose notifier URL the operator changes. Its owner may take the URL away at
 * the console, and then everything else can still be changed. @throws AdminError `REFUSED`
 */
export function requireNotifier({ flows, notifierUrl }: Client): void {
  if (!flows.includes("token_request") || notifierUrl !== null) return;
  throw new AdminError("REFUSED", "token_request sends approved tokens to the app: add --notifier-url.");
}

/** @throws AdminError `REFUSED` */
export function requireName(name: string): void {
  if (isShowable(name)) return;
  throw new AdminError(
    "REFUSED",
    `An app's name has 1 to ${displayNameLimit} characters on one line, all of them visible.`,
  );
}

/** Whether messages and terminals show a name as it is: nothing in it hides, or turns what stands beside it (S-56). */
export function isShowable(name: string): boolean {
  // Joiners are invisible too, but scripts of India need them.
  const plain = name.replaceAll(/[\u200C\u200D]/g, "");
  return plain !== "" && displayName(plain) === plain;
}

/** @throws AdminError `REFUSED` */
export function requireBroker(name: string): Dialect {
  const dialect = dialectNamed(name);
  if (dialect) return dialect;
  throw new AdminError("REFUSED", `The broker is one of ${dialects.map((known) => known.name).join(", ")}.`);
}

/** The internal id of a person at a broker. */
export function accountIdOf(dialect: Pick<Dialect, "name">, userId: string): string {
  return `${dialect.name}:${userId}`;
}
