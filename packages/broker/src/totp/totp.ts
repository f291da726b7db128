/**
 * Time-based one-time passwords as authenticator apps make them: RFC 6238 with SHA-1, six digits, 30-second steps.
 * Making sure that a step works only once is the store's part: it keeps the matched step and only moves forward (S-45).
 */
import { timingSafeEqual } from "node:crypto";
import { HOTP, Secret, TOTP } from "otpauth";

const STEP_SECONDS = 30;
const DIGITS = 6;
const ALGORITHM = "SHA1";
/** 160 bits, the length RFC 4226 section 4 recommends. */
const SECRET_BYTES = 20;

/** What an authenticator app needs to know to enrol. */
export interface TotpEnrolment {
  /** Who asks for the code, as the app lists it. */
  issuer: string;
  /** Whose code it is, as the app lists it, e.g. the user id. */
  accountName: string;
  /** The shared secret in Base32. */
  secret: string;
}

/**
 * Makes a fresh 160-bit secret.
 * @param random a cryptographic source, e.g. `randomBytes` of node:crypto.
 * @returns Base32 without padding, 32 characters.
 */
export function newTotpSecret(random: (size: number) => Uint8Array): string {
  return new Secret({ buffer: Uint8Array.from(random(SECRET_BYTES)).buffer }).base32;
}

/** Number of the 30-second step in which `epochSeconds` lies. */
export function totpStep(epochSeconds: number): number {
  return Math.floor(epochSeconds / STEP_SECONDS);
}

/**
 * Finds the step whose code this is, among the current one and its two neighbours (S-45).
 * Every candidate is computed and compared in constant time, whether or not an earlier one matched.
 * @param secretBase32 the account's secret.
 * @param code as typed; anything but six ASCII digits matches nothing.
 * @returns the step, to be stored as the last one used; the latest when two steps share a code. Undefined: no match.
 * @throws TypeError when the secret is not Base32.
 */
export function matchTotpStep(secretBase32: string, code: string, nowSeconds: number): number | undefined {
  const secret = Secret.fromBase32(secretBase32);
  if (!/^[0-9]{6}$/.test(code)) return undefined;
  const typed = Buffer.from(code, "latin1");
  const current = totpStep(nowSeconds);
  let matched: number | undefined;
  for (const step of [current - 1, current, current + 1]) {
    if (timingSafeEqual(typed, Buffer.from(codeOfStep(secret, step), "latin1"))) matched = step;
  }
  return matched;
}

/** The code of the step in which `epochSeconds` lies: what the person's app shows, for demos and tests. */
export function totpCode(secretBase32: string, epochSeconds: number): string {
  return codeOfStep(Secret.fromBase32(secretBase32), totpStep(epochSeconds));
}

/**
 * The `otpauth://` URI that an enrolment QR code carries. It holds the secret: never log it (S-96).
 * @throws TypeError when issuer or account name contains a colon, which the format keeps for itself.
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function totpUri(enrolment: TotpEnrolment): string {
  if (`${enrolment.issuer}${enrolment.accountName}`.includes(":")) {
    throw new TypeError("Issuer and account name of a TOTP enrolment must not contain a colon.");
  }
  return new TOTP({
    issuer: enrolment.issuer,
    label: enrolment.accountName,
    secret: enrolment.secret,
    algorithm: ALGORITHM,
    digits: DIGITS,
    period: STEP_SECONDS,
  }).toString();
}

function codeOfStep(secret: Secret, step: number): string {
  return HOTP.generate({ secret, counter: step, digits: DIGITS, algorithm: ALGORITHM });
}
