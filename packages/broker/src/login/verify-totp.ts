import { open, seal } from "../crypto/sealed-box.ts";
import type { BrokerParts } from "../parts.ts";
import { type Account, spendTotpStep } from "../store/accounts.ts";
import type { Verb } from "../store/verb.ts";
import { matchTotpStep } from "../totp/totp.ts";

/** Stands in for the secret of people without one, so that the same work is done for them (S-43). */
const NO_SECRET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** Checks an authenticator code and uses its step up, once over every channel (S-45). */
export function* verifyTotp(
  parts: BrokerParts,
  account: Account | undefined,
  code: string,
  now: number,
): Verb<boolean> {
  const secret = account?.totpSecret ? openTotpSecret(parts, account.accountId, account.totpSecret) : NO_SECRET;
  const step = matchTotpStep(secret, code, Math.floor(now / 1000));
  if (!account?.totpSecret || step === undefined) return false;
  return yield* spendTotpStep(account.accountId, step);
}

export function sealTotpSecret(parts: BrokerParts, accountId: string, secret: string): Buffer {
  return seal(parts.keys.seal, secret, totpContext(accountId), (size) => parts.random.bytes(size));
}

export function openTotpSecret(parts: BrokerParts, accountId: string, sealed: Uint8Array): string {
  return open(parts.keys.seal, Buffer.from(sealed), totpContext(accountId)).toString("utf8");
}

function totpContext(accountId: string): string {
  return `totp:${accountId}`;
}
