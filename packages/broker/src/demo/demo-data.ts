import { createHmac } from "node:crypto";
import { DEMO_HASH_COST } from "../crypto/password-hash.ts";
import type { BrokerParts } from "../parts.ts";

/**
 * Demo secrets are drawn from a fixed public seed: the same for every start, so that a script can rely on them, and
 * of no value to anybody. They exist only where demo mode was switched on by name.
 */
const SEED = "kunji demo data 1";

/** 32 bytes that depend on nothing but their name. */
export function demoBytes(name: string): Buffer {
  return createHmac("sha256", SEED).update(name).digest();
}

/** Decimal digits drawn from demo bytes. */
export function demoDigits(name: string, count: number): string {
  return demoBytes(name).readBigUInt64BE(0).toString().padStart(20, "0").slice(-count);
}

/** A whole number from `min` to `max`, both included. */
export function demoNumber(name: string, min: number, max: number): number {
  return min + (demoBytes(name).readUInt32BE(0) % (max - min + 1));
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A 160-bit TOTP secret in base32. */
export function demoTotpSecret(name: string): string {
  return Array.from(demoBytes(name), (byte) => BASE32[byte % 32]).join("");
}

/** A random-looking UUID, version 4. */
export function demoUuid(name: string): string {
  const bytes = demoBytes(name);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** Demo PINs are public, so they are hashed cheaply; the first login replaces the hash with one at full cost. */
export async function hashDemoPins(parts: BrokerParts, pins: readonly string[]): Promise<string[]> {
  return await Promise.all(pins.map((pin) => parts.hasher.hashAt(DEMO_HASH_COST, pin)));
}
