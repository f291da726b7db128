/**
 * Signatures of webhook deliveries (S-71) in the Standard Webhooks format, so that receivers can verify them with the
 * libraries that exist for it: HMAC-SHA-256 over `id.timestamp.body`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from "node:crypto";

const SECRET_PREFIX = "whsec_";
const NEW_SECRET_BYTES = 32;
/** The format's own limits: 192 to 512 bits. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const TOLERANCE_SECONDS = 300;

/** One delivery attempt, as it is signed. */
export interface SignedDelivery {
  /** Stays the same over retries, so that a receiver can drop what it already has. */
  id: string;
  /** When this attempt is made, in epoch seconds. */
  timestamp: number;
  /** The exact bytes sent. */
  body: string | Buffer;
}

/** Why a delivery is not believed: a header is absent or odd, the timestamp is over 5 minutes off, or no signature fits. */
export type WebhookVerdict = "valid" | "malformed" | "stale" | "mismatch";

/**
 * Makes a signing secret: `whsec_` and 256 random bits in Base64.
 * @param random a cryptographic source, e.g. `randomBytes` of node:crypto.
 */
export function newWebhookSecret(random: (size: number) => Uint8Array): string {
  return SECRET_PREFIX + Buffer.from(random(NEW_SECRET_BYTES)).toString("base64");
}

/**
 * The value of the `webhook-signature` header: `v1,` and the signature in Base64.
 * @throws TypeError when the secret is not `whsec_` and Base64 of 24 to 64 bytes, or the id contains a full stop,
 * which would let two deliveries share one signed text.
 */
export function signWebhook(delivery: SignedDelivery, secret: string): string {
  if (delivery.id === "" || delivery.id.includes(".")) {
    throw new TypeError("A webhook delivery id must not be empty or contain a full stop.");
  }
  return signatureOf(delivery, secret);
}

/**
 * Checks a received delivery. Replays inside the five minutes remain possible: a receiver also remembers ids.
 * @param headers lower-case names, as node:http gives them.
 * @param body the bytes as received, before any parsing.
 * @param now epoch seconds.
 * @throws TypeError when the secret is not `whsec_` and Base64 of 24 to 64 bytes.
 */
export function verifyWebhook(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string | Buffer,
  secret: string,
  now: number,
): WebhookVerdict {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures } = headers;
  if (typeof id !== "string" || typeof time !== "string" || typeof signatures !== "string") return "malformed";
  if (!/^[^.]+$/.test(id) || !/^[0-9]{1,12}$/.test(time)) return "malformed";
  const timestamp = Number(time);
  if (Math.abs(now - timestamp) > TOLERANCE_SECONDS) return "stale";
  const expected = Buffer.from(signatureOf({ id, timestamp, body }, secret), "latin1");
  // Several signatures stand side by side while a secret is being replaced.
  const fits = signatures.split(" ").some((entry) => {
    const given = Buffer.from(entry, "latin1");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return fits ? "valid" : "mismatch";
}

function signatureOf(delivery: SignedDelivery, secret: string): string {
  const digest = createHmac("sha256", secretBytes(secret))
    .update(`${delivery.id}.${delivery.timestamp}.`)
    .update(delivery.body)
    .digest("base64");
  return `v1,${digest}`;
}

function secretBytes(secret: string): Buffer {
  const encoded = secret.slice(SECRET_PREFIX.length);
  const bytes = Buffer.from(encoded, "base64");
  const isBase64 = bytes.toString("base64") === encoded;
  if (
    !secret.startsWith(SECRET_PREFIX) ||
    !isBase64 ||
    bytes.length < MIN_SECRET_BYTES ||
    bytes.length > MAX_SECRET_BYTES
  ) {
    throw new TypeError("A webhook secret must be whsec_ and Base64 of 24 to 64 bytes.");
  }
  return bytes;
}
