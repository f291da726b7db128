import { createHmac, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HmacKey } from "../../src/crypto/hmac-key.ts";

describe("HmacKey", () => {
  it("gives for every key and text the HMAC-SHA-256 that Node gives", () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "grapheme", maxLength: 300 }),
    );
    fc.assert(
      fc.property(key, text, (bytes, message) => {
        const expected = createHmac("sha256", bytes).update(message).digest("hex");
        const own = new HmacKey(bytes);
        expect(own.digest(message).toString("hex")).toBe(expected);
        // Nothing of one digest is left for the next.
        own.digest("another");
        expect(own.digest(message).toString("hex")).toBe(expected);
      }),
    );
  });

  it("gives the HMAC of a text larger than any buffer that is kept ready", () => {
    const key = randomBytes(32);
    const text = "\u20b9".repeat(100_000);
    expect(new HmacKey(key).digest(text)).toEqual(createHmac("sha256", key).update(text).digest());
  });

  it("gives digests that stay as they are when the next one is made", () => {
    const key = new HmacKey(randomBytes(32));
    const first = key.digest("one");
    const copy = Buffer.from(first);
    key.digest("two");
    expect(first).toEqual(copy);
  });

  it.each([0, 65])("takes no key of %d bytes", (length) => {
    expect(() => new HmacKey(new Uint8Array(length))).toThrow(RangeError);
  });

  it("shows nothing of its key to a log", () => {
    const bytes = randomBytes(32);
    const shown = inspect(new HmacKey(bytes), { showHidden: true, depth: null }) + JSON.stringify(new HmacKey(bytes));
    expect(shown).toBe("HmacKey {}{}");
  });
});
