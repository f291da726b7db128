import { type MintedCredential, mintCredential } from "../crypto/credential.ts";
import type { BrokerParts } from "../parts.ts";
import { appendAudit } from "../store/audit.ts";
import { saveCode } from "../store/codes.ts";
import type { Verb } from "../store/verb.ts";
import { requireTrustedClock } from "./trusted-clock.ts";

/** What a code is bound to (S-12). */
export interface CodeBinding {
  readonly clientId: string;
  readonly clientEpoch: number;
  readonly accountId: string;
  /** Exactly as received at the dialog (S-06). */
  readonly redirectUri: string;
  readonly codeChallenge: string | null;
  readonly attemptKey: string;
}

/** Codes carry no prefix: they live a minute and travel in URLs (design.md section 7). */
export const CODE_PREFIX = "";

/**
 * Makes a code without storing it; `saveIssuedCode()` does, in the transaction that ends the login.
 * @throws ClockBehind
 */
export function mintCode(parts: BrokerParts, now: number): MintedCredential {
  requireTrustedClock(parts);
  return mintCredential(CODE_PREFIX, now, parts.random);
}

export function* saveIssuedCode(
  parts: BrokerParts,
  code: MintedCredential,
  binding: CodeBinding,
  now: number,
): Verb<void> {
  yield* saveCode({
    code_key: code.rowKey,
    digest: code.digest,
    client_id: binding.clientId,
    account_id: binding.accountId,
    redirect_uri: binding.redirectUri,
    code_challenge: binding.codeChallenge,
    attempt_key: binding.attemptKey,
    client_epoch: binding.clientEpoch,
    issued_at: now,
    expires_at: now + parts.settings.KUNJI_CODE_LIFETIME * 1000,
  });
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "code.issued",
    clientId: binding.clientId,
    accountId: binding.accountId,
    detail: { code: code.rowKey, attempt: binding.attemptKey },
  });
}
