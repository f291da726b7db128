/**
 * The random values a login starts with: state and PKCE. WebCrypto only, so that they are made everywhere.
 */
import { Discreet } from "./redaction.ts";

/** A PKCE pair. Send the challenge with the dialog, the verifier with the exchange. Printing it masks the verifier. */
export class PkcePair extends Discreet {
  readonly codeVerifier: string;
  readonly codeChallenge: string;
  readonly codeChallengeMethod = "S256";

  constructor(codeVerifier: string, codeChallenge: string) {
    super();
    this.codeVerifier = codeVerifier;
    this.codeChallenge = codeChallenge;
  }
}

/** A fresh state of 256 random bits, for one login. */
export function createState(): string {
  return randomText();
}

/** A fresh PKCE pair: a verifier of 256 random bits and its S256 challenge (S-18). */
export async function createPkcePair(): Promise<PkcePair> {
  const verifier = randomText();
  return new PkcePair(verifier, await pkceChallenge(verifier));
}

/**
 * The S256 challenge of a verifier.
 * @param verifier 43 to 128 of `A-Z a-z 0-9 - . _ ~`
 * @throws TypeError on any other verifier (as a rejection)
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4
 */
export async function pkceChallenge(verifier: string): Promise<string> {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw new TypeError("a PKCE verifier has 43 to 128 letters, digits or - . _ ~");
  }
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

function randomText(): string {
  return base64url(globalThis.crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
