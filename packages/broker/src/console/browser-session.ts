import type { FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { mintCredential, readCredential } from "../crypto/credential.ts";
import { equalDigests } from "../crypto/digest.ts";
import { newRowKey } from "../crypto/row-key.ts";
import { type Attempt, endAttemptFromHere } from "../login/attempt.ts";
import { isFormToken } from "../login/csrf.ts";
import type { Notice } from "../pages/index.ts";
import type { BrokerParts } from "../parts.ts";
import { type Account, findAccount, holdAccount } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import {
  findBrowserSession,
  noteOnSession,
  type StoredBrowserSession,
  saveBrowserSession,
  takeSessionForm,
} from "../store/browser-sessions.ts";
import type { Verb } from "../store/verb.ts";

const COOKIE = "account";

/** A signed-in person at the account console. */
export interface SignedIn {
  readonly session: StoredBrowserSession;
  readonly account: Account;
}

/**
 * Signs a browser in after a finished login, unless another channel has locked the account since (S-50). A recovery beside
 * it comes before, and then finds this login unfinished, or after, and ends this session too.
 * @returns the Set-Cookie value of a fresh session (S-37, S-40); undefined when the login did not come to its end
 */
export async function openBrowserSession(
  context: BrokerParts & Pick<BrokerContext, "cookies">,
  attempt: Attempt,
  accountId: string,
  now: number,
): Promise<string | undefined> {
  const cookie = mintCredential("", now, context.random);
  const lifetimeSeconds = context.settings.KUNJI_SESSION_LIFETIME;
  const isOpen = await context.db.write(function* () {
    const account = yield* holdAccount(accountId);
    const mayEnter = account?.lockedAt === null;
    if (!(yield* endAttemptFromHere(attempt, mayEnter ? "finished" : "locked")) || !mayEnter) return false;
    yield* saveBrowserSession({
      session_key: cookie.rowKey,
      digest: cookie.digest,
      form_nonce: newRowKey(now, context.random),
      account_id: accountId,
      created_at: now,
      expires_at: now + lifetimeSeconds * 1000,
    });
    yield* appendAudit(context.keys.audit, { at: now, event: "console.signed-in", accountId });
    return true;
  });
  if (!isOpen) return undefined;
  return context.cookies.set(COOKIE, cookie.text, { maxAgeSeconds: lifetimeSeconds });
}

/** Who is signed in, from the session row; a deleted or lapsed row is nobody (S-40). */
export async function findSignedIn(context: BrokerContext, request: FastifyRequest): Promise<SignedIn | undefined> {
  const value = context.cookies.read(request.headers.cookie)[COOKIE];
  const presented = value === undefined ? undefined : readCredential("", value);
  const session = presented && (await context.db.read(() => findBrowserSession(presented.rowKey)));
  if (!session || !equalDigests(session.digest, presented.digest)) return undefined;
  if (session.expires_at <= context.clock.now()) return undefined;
  const account = await context.db.read(() => findAccount(session.account_id));
  return account?.status === "active" ? { session, account } : undefined;
}

/** Uses up the form the person posts. @returns false when it was sent before or is not of this session (S-41) */
export async function takeForm(
  context: BrokerContext,
  { session }: SignedIn,
  csrf: string | undefined,
): Promise<boolean> {
  if (!isFormToken(context.keys.form, session.session_key, session.form_nonce, csrf)) return false;
  const nextNonce = newRowKey(context.clock.now(), context.random);
  return await context.db.write(() => takeSessionForm(session.session_key, session.form_nonce, nextNonce));
}

/** Something to say on one of the console's pages, and what the person had typed there. */
export interface Told {
  /** Path of the page. */
  readonly at: string;
  readonly notice: Notice;
  /** By field; never a secret. */
  readonly entered?: Readonly<Record<string, string>> | undefined;
}

interface StoredTold extends Told {
  /** Epoch milliseconds. */
  readonly until: number;
}

/** Long enough to come back from the form that caused it; a later visit has nothing to do with it. */
const TOLD_MS = 60_000;

/** What there is to say at a page. */
export function toldAt(context: BrokerContext, { notice }: StoredBrowserSession, path: string): Told | undefined {
  const told = notice === null ? undefined : (JSON.parse(notice) as StoredTold);
  return told?.at === path && told.until > context.clock.now() ? told : undefined;
}

/** Says something at a page. It stays there through reloads, until the next form. */
export function* tell(context: BrokerContext, { session }: SignedIn, told: Told): Verb<void> {
  const stored: StoredTold = { ...told, until: context.clock.now() + TOLD_MS };
  yield* noteOnSession(session.session_key, JSON.stringify(stored));
}

export function endSessionCookie(context: BrokerContext): string {
  return context.cookies.clear(COOKIE);
}
