/**
 * The browser way: a person fills in the broker's own page; the answer comes back to the loopback receiver, or is pasted.
 */

import { type CheckedCallback, createPkcePair, createState } from "@kunji/client";
import { istDateTime } from "@kunji/contract";
import { type AccountProfile, accountLabel, type Session } from "../account.ts";
import type { Broker, DialogExtras } from "../brokers/broker.ts";
import { KeeperError, LoginRequired } from "../keeper-error.ts";
import type { ExpectedAnswer } from "./callback-verdict.ts";
import { loginFailure } from "./login-failure.ts";
import type { LogIn, LoginRequest, Person } from "./login-way.ts";
import { loopbackAddress } from "./loopback-address.ts";
import { type LoopbackReceiver, openLoopbackReceiver } from "./loopback-receiver.ts";
import { readPastedAnswer } from "./pasted-answer.ts";
import { Patience } from "./patience.ts";
import type { ResultPage } from "./result-page.ts";
import { askServerMetadata } from "./server-metadata.ts";
import { systemTimer } from "./timer.ts";

/** How long the person may take (S-88). */
const PATIENCE_MS = 5 * 60_000;

export const browserLogin: LogIn = async (request) => {
  const { profile, broker, person, signal, now, setTimer = systemTimer } = request;
  if (person === undefined) throw new LoginRequired(profile);
  const redirectUri = requireRedirectUri(profile, broker);
  const { url, expected, extras } = await prepareDialog(request);
  const address = loopbackAddress(redirectUri);
  const receiver = address && (await openLoopbackReceiver({ address, expected, setTimer }));
  if (!receiver && !person.pastedUrls) throw nowhereToReturn(broker, redirectUri);

  const patience = new Patience(PATIENCE_MS, { signal, setTimer, late: () => tooLate(broker) });
  try {
    person.openLogin({ id: idOf(profile), title: broker.title, url, redirectUri, endsAt: now() + PATIENCE_MS });
    const callback = await firstAnswer({ receiver, person, redirectUri, expected, profile, patience });
    patience.end();
    // One request, whatever comes of it: the code is spent by the first (S-15).
    const token = await broker.exchange(profile, callback, extras, signal);
    const session = await request.accept(token);
    await receiver?.finish(donePage(broker, session));
    return session;
  } catch (error) {
    const failure = signal.aborted ? signal.reason : loginFailure(error, broker, { spent: SPENT });
    await receiver?.finish(failedPage(failure));
    throw failure;
  } finally {
    patience.end();
  }
};

const SPENT = "The code of this login is spent.";

interface Dialog {
  readonly url: string;
  readonly expected: ExpectedAnswer;
  readonly extras: DialogExtras;
}

/** A state of its own, and what the server is known to understand beyond that; a vendor gets nothing unknown. */
async function prepareDialog({ profile, broker, now, signal }: LoginRequest): Promise<Dialog> {
  const host = broker.host(profile);
  const server = broker.isVendorHost(host)
    ? undefined
    : await askServerMetadata(host, { issuerPath: broker.issuerPath, now, signal });
  const state = createState();
  const extras = { pkce: server?.understandsS256 ? await createPkcePair() : undefined };
  return {
    url: broker.authorizationUrl(profile, state, extras),
    expected: { state, issuer: server?.issuer, mustNameIssuer: server?.issuerInCallback ?? false },
    extras,
  };
}

interface Wait {
  readonly receiver: LoopbackReceiver | undefined;
  readonly person: Person;
  readonly redirectUri: string;
  readonly expected: ExpectedAnswer;
  readonly profile: AccountProfile;
  readonly patience: Patience;
}

/** Whichever comes first: the browser at the receiver, a pasted address, the end of patience. */
async function firstAnswer({
  receiver,
  person,
  redirectUri,
  expected,
  profile,
  patience,
}: Wait): Promise<CheckedCallback> {
  const reading = new AbortController();
  const pasted = readPastedAnswer(person, redirectUri, expected, reading.signal).then((callback) => {
    if (callback !== undefined) return callback;
    if (receiver !== undefined) return receiver.answer;
    throw new LoginRequired(profile, {
      nextStep: `Paste the address that the login ends at. It begins with ${redirectUri}`,
    });
  });
  try {
    return await patience.race(receiver === undefined ? [pasted] : [receiver.answer, pasted]);
  } finally {
    reading.abort();
  }
}

function requireRedirectUri({ redirectUri }: AccountProfile, { title }: Broker): string {
  if (redirectUri !== undefined && URL.canParse(redirectUri)) return redirectUri;
  throw new KeeperError("USAGE", `the account has no redirect URI to come back to from ${title}`, {
    nextStep: `Add the account again with the redirect URI that is registered at ${title}.`,
  });
}

function nowhereToReturn({ title }: Broker, redirectUri: string): KeeperError {
  return new KeeperError("USAGE", `nothing can listen at ${redirectUri}, and nothing can be pasted here`, {
    nextStep: `Log in from a terminal, or register a loopback redirect URI at ${title}: http://127.0.0.1:7475/callback`,
  });
}

function tooLate({ title }: Broker): KeeperError {
  return new KeeperError(
    "LOGIN_TIMEOUT",
    `nobody finished the login at ${title} within ${PATIENCE_MS / 60_000} minutes`,
    {
      nextStep: "Start a new login.",
    },
  );
}

function donePage({ title }: Broker, session: Session): ResultPage {
  return {
    tone: "done",
    heading: "You are logged in",
    text: `Kunji has today's access token from ${title}.`,
    facts: [
      ["Account", accountLabel(session)],
      ["Customer", session.userName === undefined ? session.userId : `${session.userName} (${session.userId})`],
      ["Valid until", `${istDateTime(session.expiresAt).slice(0, 16)} IST`],
    ],
    nextStep: "You can close this tab.",
  };
}

function failedPage(failure: unknown): ResultPage {
  const known = failure instanceof KeeperError ? failure : undefined;
  return {
    tone: "failed",
    heading: known?.code === "LOGIN_DENIED" ? "The login was cancelled" : "The login did not work",
    text: known ? asSentence(known.message) : "It was stopped, or something unexpected happened.",
    nextStep: known?.nextStep ?? "The program you started the login from says more. You can close this tab.",
  };
}

/** Messages of errors begin small and end without a full stop. */
function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function idOf({ broker, account }: AccountProfile) {
  return { broker, account };
}
