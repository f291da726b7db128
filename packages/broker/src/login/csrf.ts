import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import type { HmacKey } from "../crypto/hmac-key.ts";

/** The value of the hidden `csrf` field: bound to one row and to the one form shown last (S-36, S-41). */
export function formToken(key: HmacKey, rowKey: string, nonce: string): string {
  return keyedDigest(key, `${rowKey}.${nonce}`).toString("base64url");
}

export function isFormToken(key: HmacKey, rowKey: string, nonce: string, presented: string | undefined): boolean {
  const expected = keyedDigest(key, `${rowKey}.${nonce}`);
  const given = Buffer.from(presented ?? "", "base64url");
  return equalDigests(expected, given);
}
