import { hash } from "node:crypto";
import { equalDigests } from "../crypto/digest.ts";

const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/**
 * What is wrong with the PKCE parameters of an authorization request: a challenge is 32 bytes in base64url, and S256 is
 * the only method (S-18).
 * @param isRequired native apps must send a challenge, others may
 * @returns the name of the parameter at fault
 */
export function challengeProblem(
  query: { readonly code_challenge?: string; readonly code_challenge_method?: string },
  isRequired: boolean,
): "code_challenge" | "code_challenge_method" | undefined {
  const { code_challenge: challenge, code_challenge_method: method } = query;
  if (challenge === undefined && method === undefined && !isRequired) return undefined;
  if (challenge === undefined || !CHALLENGE.test(challenge)) return "code_challenge";
  return method === "S256" ? undefined : "code_challenge_method";
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
