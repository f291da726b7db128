import { hkdfSync } from "node:crypto";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { HmacKey } from "./hmac-key.ts";
import type { Randomness } from "./random.ts";

/** Keys that live outside the database: a stolen database or backup is of no use without them (S-20, S-46, S-69). */
export interface BrokerKeys {
  /** Digests of app secrets. */
  readonly clientSecret: HmacKey;
  /** Pepper of PINs and passwords. */
  readonly pin: Buffer;
  /** Digests of one-time codes, PANs and other guessable values. */
  readonly guessable: HmacKey;
  /** One-time form tokens. */
  readonly form: HmacKey;
  /** Derives extended tokens from their row key, so that one can be given again without being stored. */
  readonly extendedToken: HmacKey;
  /** Seals what must be read back: TOTP secrets, tokens that wait for delivery, demo messages. */
  readonly seal: Buffer;
  /** Chains the audit rows. */
  readonly audit: HmacKey;
  /** Stored in the database to notice a wrong key at start, before it does harm. */
  readonly check: string;
}

const MASTER_KEY_BYTES = 32;

/** @param master 32 secret bytes */
export function deriveBrokerKeys(master: Buffer): BrokerKeys {
  if (master.length !== MASTER_KEY_BYTES) throw new TypeError(`the broker key must hold ${MASTER_KEY_BYTES} bytes`);
  const derive = (use: string) => Buffer.from(hkdfSync("sha256", master, "", `kunji broker 1: ${use}`, 32));
  const key = (use: string) => new HmacKey(derive(use));
  return {
    clientSecret: key("client secret"),
    pin: derive("pin"),
    guessable: key("guessable"),
    form: key("form"),
    extendedToken: key("extended token"),
    seal: derive("seal"),
    audit: key("audit"),
    check: derive("check").toString("base64url").slice(0, 16),
  };
}

/** Reads the master key from its text form: 32 bytes as base64url or hex. */
export function readMasterKey(text: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  // Checked first: the decoder skips what it does not know, and a slip would make another key without a word.
  if (/^[A-Za-z0-9_-]{43}$/.test(trimmed)) return Buffer.from(trimmed, "base64url");
  throw new TypeError("the broker key must be 32 bytes, written as 43 base64url characters or 64 hex digits");
}

/**
 * Reads the key file, or makes one that only its owner can read.
 * @returns the key, and whether it was made just now
 * @throws TypeError when others can read the file or it is a link
 */
export function loadOrCreateKeyFile(path: string, random: Randomness): { master: Buffer; created: boolean } {
  try {
    const master = random.bytes(MASTER_KEY_BYTES);
    writeFileSync(path, `${master.toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    return { master, created: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const stat = lstatSync(path);
  if (!stat.isFile()) throw new TypeError(`the key file ${path} is not a regular file`);
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    throw new TypeError(`the key file ${path} can be read by others: run chmod 600 on it`);
  }
  return { master: readMasterKey(readFileSync(path, "utf8")), created: false };
}
