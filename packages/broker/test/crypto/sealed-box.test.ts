import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, SealedBoxError, type SealedBoxErrorCode, seal } from "../../src/crypto/sealed-box.ts";

const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);

function codeOf(attempt: () => unknown): SealedBoxErrorCode | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SealedBoxError) return error.code;
    throw error;
  }
  return undefined;
}

describe("sealed box (S-69)", () => {
  it("gives back what was sealed, for any bytes and any context", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, context) => {
        const plaintext = Buffer.from(bytes);
        expect(open(key, seal(key, plaintext, context), context).equals(plaintext)).toBe(true);
      }),
    );
  });

  it("takes text as UTF-8 and a key as Buffer or KeyObject alike", () => {
    const box = seal(createSecretKey(key), "token ₹", "webhook-token:1");
    expect(open(key, box, "webhook-token:1").toString("utf8")).toBe("token ₹");
  });

  it("seals the same value differently each time", () => {
    expect(seal(key, "value", "c").equals(seal(key, "value", "c"))).toBe(false);
  });

  it("shows nothing of the value in the box", () => {
    expect(seal(key, "secret-token", "c").includes("secret-token")).toBe(false);
  });

  it("keeps its layout: version, key id, the nonce it was given, ciphertext, tag", () => {
    const box = seal(key, "ab", "c", (size) => Buffer.alloc(size, 0xee));
    expect(box.length).toBe(1 + 4 + 12 + 2 + 16);
    expect(box[0]).toBe(1);
    expect(box.subarray(5, 17)).toEqual(Buffer.alloc(12, 0xee));
  });

  it("opens a box that an earlier run stored", () => {
    const stored = Buffer.from("01e9541ef6eeeeeeeeeeeeeeeeeeeeeeee366dd9a35de3782a30f9ed48a88a8c89c53a", "hex");
    expect(open(key, stored, "c").toString()).toBe("ab");
  });

  it("refuses another key and names the id of the right one", () => {
    const box = seal(key, "value", "c");
    expect(codeOf(() => open(otherKey, box, "c"))).toBe("WRONG_KEY");
    expect(() => open(otherKey, box, "c")).toThrow(box.subarray(1, 5).toString("hex"));
  });

  it("refuses a key that only shares the id", () => {
    const box = seal(key, "value", "c");
    const forged = Buffer.concat([box.subarray(0, 1), seal(otherKey, "", "c").subarray(1, 5), box.subarray(5)]);
    expect(codeOf(() => open(otherKey, forged, "c"))).toBe("NOT_AUTHENTIC");
  });

  it("refuses another context", () => {
    const box = seal(key, "value", "webhook-token:1");
    expect(codeOf(() => open(key, box, "webhook-token:2"))).toBe("NOT_AUTHENTIC");
  });

  it("refuses a box in which any single bit was flipped", () => {
    const box = seal(key, "value", "c");
    for (let bit = 0; bit < box.length * 8; bit++) {
      const flipped = Buffer.from(box);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(
        codeOf(() => open(key, flipped, "c")),
        `bit ${bit}`,
      ).toBeDefined();
    }
  });

  it("refuses a box that was cut or extended", () => {
    const box = seal(key, "value", "c");
    for (let length = 0; length < box.length; length++) {
      expect(
        codeOf(() => open(key, box.subarray(0, length), "c")),
        `length ${length}`,
      ).toBeDefined();
    }
    expect(codeOf(() => open(key, Buffer.concat([box, Buffer.of(0)]), "c"))).toBe("NOT_AUTHENTIC");
  });

  it("says nothing about key, context or content in its errors", () => {
    const box = seal(key, "canary-value", "canary-context");
    try {
      open(key, box, "other-context");
    } catch (error) {
      expect(inspect(error, { showHidden: true, depth: null })).not.toMatch(/canary|other-context/);
    }
    expect.assertions(1);
  });

  it("takes only 256-bit secret keys", () => {
    expect(() => seal(randomBytes(16), "v", "c")).toThrow(TypeError);
    expect(() => open(randomBytes(31), seal(key, "v", "c"), "c")).toThrow(TypeError);
    expect(() => seal(generateKeyPairSync("ed25519").privateKey, "v", "c")).toThrow(TypeError);
  });
});
