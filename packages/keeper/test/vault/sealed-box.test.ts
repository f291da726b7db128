import { describe, expect, it } from "vitest";
import { freshKey, HEADER_BYTES, open, readHeader, seal, vaultKey } from "../../src/vault/sealed-box.ts";

const key = freshKey();
const context = ["session", "upstox", "default"];
const content = Buffer.from("a token");
const sealed = () => seal(key, context, content, 1_790_000_000_000);

describe("a sealed box (S-91)", () => {
  it("opens with its key and context", () => {
    expect(open(key, context, sealed())?.toString()).toBe("a token");
  });

  it("opens empty, and with any bytes in it", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect(open(key, [], seal(key, [], bytes, 0))).toEqual(bytes);
    expect(open(key, [], seal(key, [], Buffer.alloc(0), 0))).toEqual(Buffer.alloc(0));
  });

  it("is refused when any bit of any byte is flipped", () => {
    const box = sealed();
    for (let at = 0; at < box.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(box);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(open(key, context, flipped), `byte ${at}, bit ${bit}`).toBeUndefined();
      }
    }
  });

  it("is refused when it is cut, grown or empty", () => {
    const box = sealed();
    for (let length = 0; length < box.length; length++)
      expect(open(key, context, box.subarray(0, length))).toBeUndefined();
    expect(open(key, context, Buffer.concat([box, Buffer.alloc(1)]))).toBeUndefined();
  });

  it("is refused under every other context, also one that reads the same when run together", () => {
    for (const other of [
      ["session", "upstox", "second"],
      ["account", "upstox", "default"],
      ["session", "tradejini", "default"],
      ["session", "upstoxdefault", ""],
      ["sessionupstox", "default"],
      ["session", "upstox", "default", ""],
    ]) {
      expect(open(key, other, sealed())).toBeUndefined();
    }
  });

  it("is refused by another key, also one that claims its id", () => {
    expect(open(freshKey(), context, sealed())).toBeUndefined();
    expect(open({ ...freshKey(), id: key.id }, context, sealed())).toBeUndefined();
  });

  it("never has the same nonce or bytes twice", () => {
    const nonces = Array.from({ length: 1_000 }, () => sealed().toString("hex", HEADER_BYTES - 12, HEADER_BYTES));
    expect(new Set(nonces).size).toBe(1_000);
  });

  it("says in its header which key sealed it and when, and nothing of the content", () => {
    expect(readHeader(sealed())).toEqual({ keyId: key.id, writtenAt: 1_790_000_000_000 });
    expect(sealed().includes("token")).toBe(false);
    expect(readHeader(Buffer.from("not a box, but long enough to be one of them"))).toBeUndefined();
  });
});

describe("a vault key", () => {
  it("has an id that follows from it, and shows nothing of itself", () => {
    const bytes = Buffer.alloc(32, 7);
    const [one, two] = [vaultKey(Buffer.from(bytes)), vaultKey(Buffer.from(bytes))];
    expect(one.id).toBe(two.id);
    expect(one.id).toMatch(/^[0-9a-f]{16}$/);
    expect(freshKey().id).not.toBe(one.id);
    expect(JSON.stringify(one)).not.toContain(bytes.toString("base64"));
  });

  it("wipes the bytes it was made from", () => {
    const bytes = Buffer.alloc(32, 7);
    vaultKey(bytes);
    expect(bytes).toEqual(Buffer.alloc(32));
  });
});
