import type { BrokerContext } from "../broker-context.ts";
import { openBrowserSession } from "../console/browser-session.ts";
import type { MintedCredential } from "../crypto/credential.ts";
import { mintCode, saveIssuedCode } from "../grants/issue-code.ts";
import { ClockBehind } from "../grants/trusted-clock.ts";
import type { BrokerParts } from "../parts.ts";
import { holdAccount } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { findClient } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import { type Attempt, endAttemptFromHere } from "./attempt.ts";
import { STAY, type StepOutcome } from "./login-flow.ts";
import type { LoginNotice, LoginRequest } from "./login-request.ts";

export type AuthorizeRequest = Extract<LoginRequest, { kind: "authorize" }>;

/** What the person agreed to besides, and has happened by now whether or not the app gets a code. */
export interface DoneAlongside {
  /** Written in the transaction of the code. */
  readonly record: () => Verb<void>;
  /** What the page says when the app gets none: the reason matters less than what was done. */
  readonly withoutCode: LoginNotice;
}

/** What the end of a login needs of the world. */
export type FinishParts = BrokerParts & Pick<BrokerContext, "cookies">;

/** After the last step: the code for the app, or a signed-in browser for the console. */
export async function finishLogin(
  context: FinishParts,
  attempt: Attempt,
  accountId: string,
  now: number,
  alongside?: DoneAlongside,
): Promise<StepOutcome> {
  const { request } = attempt;
  if (request.kind === "console") {
    const sessionCookie = await openBrowserSession(context, attempt, accountId, now);
    return sessionCookie === undefined ? STAY : { outcome: "signed-in", sessionCookie };
  }
  const code = alongside ? mintCodeIfTrusted(context, now) : mintCode(context, now);
  const isIssued = await context.db.write(function* (): Verb<boolean> {
    if (alongside) yield* alongside.record();
    const objection = yield* objectionToApp(attempt.dialect, request, accountId);
    const refusal = objection || !code ? (alongside?.withoutCode ?? objection) : undefined;
    if (!(yield* endAttemptFromHere(attempt, refusal ?? "finished")) || refusal || !code) return false;
    const { clientId, clientEpoch, redirectUri, codeChallenge } = request;
    const binding = { clientId, clientEpoch, accountId, redirectUri, codeChallenge, attemptKey: attempt.key };
    yield* saveIssuedCode(context, code, binding, now);
    return true;
  });
  return isIssued && code ? toApp(request, { code: code.text }) : STAY;
}

/** What has been done must be kept also by a clock that was set back meanwhile, which issues nothing (S-114). */
function mintCodeIfTrusted(context: BrokerParts, now: number): MintedCredential | undefined {
  try {
    return mintCode(context, now);
  } catch (error) {
    if (error instanceof ClockBehind) return undefined;
    throw error;
  }
}

/**
 * Why this account gives the app nothing, if it is so: checked when it counts, not only when the login began. Until the
 * end of the transaction nobody locks the account or sets another PIN: a recovery beside it comes before, and then finds
 * this login unfinished, or after, and voids what it got.
 */
export function* objectionToApp(
  dialect: string,
  request: AuthorizeRequest,
  accountId: string,
): Verb<LoginNotice | undefined> {
  const client = yield* findClient(dialect, request.clientId);
  if (client?.status !== "active" || client.codeEpoch !== request.clientEpoch) return "client-unavailable";
  // Another channel may have locked the account since this login proved its secret (S-50).
  const account = yield* holdAccount(accountId);
  if (account?.lockedAt !== null) return "locked";
  return client.audience === "owner" && client.ownerAccount !== accountId ? "owner-only" : undefined;
}

/** "Cancel" ends the attempt and tells the app (design.md section 7). */
export async function cancelLogin(context: BrokerContext, attempt: Attempt, now: number): Promise<StepOutcome> {
  const { request } = attempt;
  const isCancelled = await context.db.write(function* (): Verb<boolean> {
    if (!(yield* endAttemptFromHere(attempt, "cancelled"))) return false;
    yield* appendAudit(context.keys.audit, {
      at: now,
      event: "login.cancelled",
      clientId: request.kind === "authorize" ? request.clientId : undefined,
      detail: { attempt: attempt.key },
    });
    return true;
  });
  return request.kind === "console" || !isCancelled ? STAY : toApp(request, { error: "access_denied" });
}

/** Back to the app, with the state it gave. */
function toApp(request: AuthorizeRequest, result: { readonly code: string } | { readonly error: string }): StepOutcome {
  return {
    outcome: "to-app",
    redirectUri: request.redirectUri,
    parameters: { ...result, state: request.state ?? undefined },
  };
}
