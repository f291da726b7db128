/** What a person logs in for. Validated at the door, then kept on the server: later steps carry only a handle (S-08). */
export type LoginRequest =
  | {
      readonly kind: "authorize";
      readonly clientId: string;
      readonly clientEpoch: number;
      /** The redirect URI exactly as received and matched (S-06). */
      readonly redirectUri: string;
      /** To be given back with the same bytes (S-16). */
      readonly state: string | null;
      readonly codeChallenge: string | null;
      /** Row key of the orders that the person is asked to place. */
      readonly basketKey?: string;
    }
  /** The account console of the broker itself. */
  | { readonly kind: "console" };

/** Where a login stands. A dialect decides which it uses and in what order. */
export type LoginStep =
  | "identify"
  | "otp"
  | "pin"
  | "two-fa"
  | "approve"
  | "recover-pan"
  | "recover-otp"
  | "recover-pin"
  | "ended";

/** Why the page shown next says something; the dialect's pages put it into words. */
export type LoginNotice =
  | "login-name-malformed"
  | "password-wrong"
  | "orders-decided"
  | "orders-placed"
  | "orders-placing"
  | "orders-refused"
  | "orders-unknown"
  | "otp-sent"
  | "otp-malformed"
  | "otp-wrong"
  | "otp-used-up"
  | "otp-sent-again"
  | "otp-not-sent"
  | "wait"
  | "pin-malformed"
  | "pin-wrong"
  | "pin-changed"
  | "pin-mismatch"
  | "pan-wrong"
  | "form-used"
  | "restarted"
  | "cancelled"
  | "locked"
  | "finished"
  | "owner-only"
  | "client-unavailable";
