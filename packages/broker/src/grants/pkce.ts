import { hash } from "node:crypto";
import { equalDigests } from "../crypto/digest.ts";

const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** An S256 challenge: 32 bytes in base64url. S256 is the only method (S-18). */
export function isCodeChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/**
 * Whether the verifier fits the code's challenge. Both or neither: one without the other fails (S-19).
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
 */
export function provesChallenge(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null) return verifier === undefined;
  if (verifier === undefined || !VERIFIER.test(verifier)) return false;
  return equalDigests(hash("sha256", verifier, "buffer"), Buffer.from(challenge, "base64url"));
}
