/**
 * What a callback means for a login that waits, whichever way it came: by browser or pasted.
 */
import { CallbackException, type CheckedCallback, readCallback } from "@kunji/client";

/** What makes a callback the answer to this login. */
export interface ExpectedAnswer {
  readonly state: string;
  /** The server's issuer; undefined when it has not said one. */
  readonly issuer: string | undefined;
  /** The server has said that every callback names its issuer (RFC 9207): one without it is not from there. */
  readonly mustNameIssuer: boolean;
}

/**
 * `answer`: exchange it. `refusal`: with the right state, and it ends the login. `noise`: not for this login, the wait
 * goes on (S-87).
 */
export type CallbackVerdict =
  | { readonly kind: "answer"; readonly callback: CheckedCallback }
  | { readonly kind: "refusal"; readonly refusal: CallbackException }
  | { readonly kind: "noise"; readonly reason: "state" | "malformed" };

/** Judges a callback; its state is compared before anything else in it is looked at (S-17). */
export function judgeCallback(url: string, { state, issuer, mustNameIssuer }: ExpectedAnswer): CallbackVerdict {
  try {
    const callback = readCallback(url, { state, issuer });
    if (!mustNameIssuer || callback.issuer !== undefined) return { kind: "answer", callback };
    const refusal = new CallbackException("ISSUER_MISMATCH", "the callback does not say which issuer it comes from");
    return { kind: "refusal", refusal };
  } catch (error) {
    if (!(error instanceof CallbackException)) throw error;
    if (error.code === "STATE_MISMATCH") return { kind: "noise", reason: "state" };
    return error.code === "MALFORMED" ? { kind: "noise", reason: "malformed" } : { kind: "refusal", refusal: error };
  }
}
