import { describe, expect, it } from "vitest";
import { mintCredential, readCredential, sealCredential } from "../../src/crypto/credential.ts";
import { equalDigests, keyedDigest, sha256 } from "../../src/crypto/digest.ts";
import { HmacKey } from "../../src/crypto/hmac-key.ts";
import { type Randomness, randomDigits, systemRandomness } from "../../src/crypto/random.ts";
import { isRowKey, newRowKey, ROW_KEY_LENGTH, rowKeyFloor } from "../../src/crypto/row-key.ts";
import { CODE_PREFIX } from "../../src/grants/issue-code.ts";
import { upstoxTokenRules } from "../../src/upstox/token-rules.ts";
import { MORNING } from "../upstox/_api.ts";

const MANY = 10_000;
const random = systemRandomness();

describe.each([
  ["codes (S-10)", CODE_PREFIX],
  ["access tokens (S-26)", upstoxTokenRules.accessPrefix],
  ["extended tokens (S-26)", upstoxTokenRules.extended.prefix],
])("%s", (_name, prefix) => {
  const minted = Array.from({ length: MANY }, () => mintCredential(prefix, MORNING, random));
  const secrets = minted.map(({ text }) => Buffer.from(text.slice(-43), "base64url"));

  it("are a prefix, a row key and 256 bits in base64url", () => {
    const format = new RegExp(`^${prefix}[0-9a-f]{24}[A-Za-z0-9_-]{43}$`);
    for (const { text } of minted) expect(text).toMatch(format);
    expect(secrets.every((secret) => secret.length === 32)).toBe(true);
  });

  it("never repeat, neither as a whole nor in their secret nor in their row key", () => {
    expect(new Set(minted.map(({ text }) => text)).size).toBe(MANY);
    expect(new Set(secrets.map((secret) => secret.toString("hex"))).size).toBe(MANY);
    expect(new Set(minted.map(({ rowKey }) => rowKey)).size).toBe(MANY);
  });

  it("have every bit set half of the time", () => {
    const counts = new Array<number>(256).fill(0);
    for (const secret of secrets) {
      for (let bit = 0; bit < 256; bit++) {
        if (((secret[bit >> 3] ?? 0) >> (bit & 7)) & 1) counts[bit] = (counts[bit] ?? 0) + 1;
      }
    }
    // Seven standard deviations (50 each): a good generator fails this once in a billion runs.
    for (const count of counts) expect(Math.abs(count - MANY / 2)).toBeLessThan(350);
  });

  it("spread their bytes evenly", () => {
    const counts = new Array<number>(256).fill(0);
    for (const secret of secrets) for (const byte of secret) counts[byte] = (counts[byte] ?? 0) + 1;
    const expected = (MANY * 32) / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    expect(chiSquare).toBeLessThan(255 + 7 * 22.6);
  });

  it("are read back as the row they belong to and the digest that is stored", () => {
    for (const { text, rowKey, digest } of minted.slice(0, 100)) {
      expect(readCredential(prefix, text)).toEqual({ rowKey, digest });
      expect(digest).toEqual(sha256(text.slice(-43)));
    }
  });
});

describe("readCredential", () => {
  const { text } = mintCredential("kupx_at_", MORNING, random);

  it.each([
    ["nothing", ""],
    ["one character less", text.slice(0, -1)],
    ["one character more", `${text}A`],
    ["another prefix", `kupx_et_${text.slice(8)}`],
    ["a prefix in capitals", `KUPX_AT_${text.slice(8)}`],
    ["a row key in capitals", `kupx_at_${"F".repeat(24)}${text.slice(-43)}`],
    ["a row key that is no hex", `kupx_at_${"g".repeat(24)}${text.slice(-43)}`],
    ["a secret with a padding sign", `${text.slice(0, -1)}=`],
    ["a secret in the other base64 alphabet", `${text.slice(0, -1)}+`],
    ["a secret with a space", `${text.slice(0, -1)} `],
    ["a secret with a letter beyond ASCII", `${text.slice(0, -1)}\u0430`],
  ])("refuses %s", (_name, presented) => {
    expect(readCredential("kupx_at_", presented)).toBeUndefined();
  });

  it("the last character's unused bits make another credential, not the same one", () => {
    // 43 base64url characters hold 258 bits: four spellings decode to the same 32 bytes. The digest is of the text.
    const minted = sealCredential("", "0".repeat(24), Buffer.alloc(32));
    const twin = `${minted.text.slice(0, -1)}B`;
    expect(Buffer.from(twin.slice(-43), "base64url")).toEqual(Buffer.alloc(32));
    expect(readCredential("", twin)?.digest).not.toEqual(minted.digest);
  });
});

describe("row keys", () => {
  it("sort by time, and nothing made at or after a moment sorts before its floor", () => {
    const times = [0, 1, 255, 256, MORNING - 1, MORNING, MORNING + 1, 2 ** 47];
    const keys = times.map((time) => newRowKey(time, random));
    expect(keys.toSorted()).toEqual(keys);
    for (const [index, time] of times.entries()) {
      expect((keys[index] ?? "") >= rowKeyFloor(time)).toBe(true);
      expect((keys[index - 1] ?? "") < rowKeyFloor(time)).toBe(true);
    }
  });

  it("are told from other text", () => {
    expect(isRowKey(newRowKey(MORNING, random))).toBe(true);
    for (const wrong of ["", "0".repeat(23), "0".repeat(25), "G".repeat(24), "A".repeat(24), `${"0".repeat(23)}\n`]) {
      expect(isRowKey(wrong)).toBe(false);
    }
    expect(newRowKey(MORNING, random)).toHaveLength(ROW_KEY_LENGTH);
  });
});

describe("digests (S-21)", () => {
  it("are compared by all their bytes; another length is unequal, not an error", () => {
    const digest = sha256("x");
    expect(equalDigests(digest, Buffer.from(digest))).toBe(true);
    for (let index = 0; index < 32; index++) {
      const other = Buffer.from(digest);
      other[index] = (other[index] ?? 0) ^ 1;
      expect(equalDigests(digest, other)).toBe(false);
    }
    expect(equalDigests(digest, digest.subarray(1))).toBe(false);
    expect(equalDigests(Buffer.alloc(0), digest)).toBe(false);
  });

  it("SHA-256 is SHA-256, and a keyed digest depends on its key", () => {
    expect(sha256("abc").toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const [one, two] = [new HmacKey(Buffer.alloc(32, 1)), new HmacKey(Buffer.alloc(32, 2))];
    expect(keyedDigest(one, "x")).toEqual(keyedDigest(one, "x"));
    expect(keyedDigest(one, "x")).not.toEqual(keyedDigest(two, "x"));
  });
});

describe("systemRandomness", () => {
  it("hands out each byte once, over the end of its pool and beyond its size", () => {
    const source = systemRandomness();
    const pieces = [8190, 10, 1, 8192, 9000, 32].map((size) => source.bytes(size));
    expect(pieces.map((piece) => piece.length)).toEqual([8190, 10, 1, 8192, 9000, 32]);
    const before = Buffer.from(pieces[1] ?? []);
    source.bytes(8192);
    expect(pieces[1]).toEqual(before);
    for (const piece of pieces.filter((one) => one.length >= 10)) expect(piece.every((byte) => byte === 0)).toBe(false);
  });
});

describe("randomDigits (S-44)", () => {
  it("are evenly spread decimal digits, leading zeros included", () => {
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < MANY; n++) {
      const digits = randomDigits(random, 6);
      expect(digits).toMatch(/^[0-9]{6}$/);
      for (const digit of digits) counts[Number(digit)] = (counts[Number(digit)] ?? 0) + 1;
    }
    const expected = (MANY * 6) / 10;
    // Seven standard deviations of a binomial count.
    for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(7 * Math.sqrt(expected * 0.9));
  });

  it("drop the six byte values that would favour small digits", () => {
    const bytes = [250, 255, 251, 249, 9, 0, 12, 254, 8, 7, 6, 5];
    const fixed: Randomness = { bytes: (count) => Buffer.from(bytes.slice(0, count)) };
    expect(randomDigits(fixed, 6)).toBe("990287");
  });
});
