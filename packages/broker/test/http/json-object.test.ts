import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJsonObject } from "../../src/http/json-object.ts";
import { expectKind, faultOf } from "./_faults.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");
const parse = (text: string) => parseJsonObject(bytes(text));
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("parseJsonObject", () => {
  it("reads an object", () => {
    const text = ' {"client_secret": "zz \\u0915 \\"q\\" {[:", "n": -1.5e3, "l": [true, false, null, {"x": ""}]} ';
    expect(JSON.parse(JSON.stringify(parse(text)))).toEqual(JSON.parse(text));
  });

  it.each([
    "",
    " ",
    "[]",
    "1",
    '"a"',
    "null",
    "true",
    "{",
    "}",
    "{}}",
    "{}{}",
    '{"a"}',
    "{'a':1}",
    '{"a":1,}',
    "{a:1}",
    '{"a":01}',
    '{"a":NaN}',
    '{"a',
    '{"a\\',
    "\ufeff{}",
    "{}//",
    '{"a":1e999}',
    "}}}}}}}}}}[[[[[[[[[[",
  ])("refuses %j", (text) => {
    expectKind(() => parse(text), "malformed");
  });

  it("does not quote the body in what it throws (S-110)", () => {
    const fault = faultOf(() => parse('{"client_secret": hunter2}'));
    expect(`${fault.message}${String(fault.cause)}`).not.toContain("hunter2");
  });

  it("refuses bytes that are not UTF-8, and takes a view into a larger buffer for what it is", () => {
    expectKind(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), "malformed");
    const larger = bytes('xx{"a":1}yy');
    expect(parseJsonObject(larger.subarray(2, 9)).a).toBe(1);
  });

  it("takes 16 KiB and refuses one more byte", () => {
    const sized = (size: number) => `{"a":"${"b".repeat(size - 8)}"}`;
    expect(parse(sized(16_384)).a).toHaveLength(16_376);
    expectKind(() => parse(sized(16_385)), "payload-too-large");
  });

  it("takes a depth of 8 and refuses 9, and never runs out of stack (S-106)", () => {
    parse(nested(8));
    expectKind(() => parse(nested(9)), "malformed");
    expectKind(() => parse(`{"a":${"[".repeat(8)}${"]".repeat(8)}}`), "malformed");
    expectKind(() => parse("[".repeat(16_384)), "malformed");
    expectKind(() => parse('{"a":'.repeat(3_000)), "malformed");
    parse(`{"a":"${"[".repeat(5_000)}"}`);
  });

  it("refuses a member name used twice in one object, at any depth and however it is escaped (S-101)", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '{"x":[{"a":1,"b":2,"a":3}]}',
      '{"__proto__":1,"__proto__":2}',
    ]) {
      expectKind(() => parse(text), "repeated-parameter");
    }
    parse('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}');
  });

  it("leaves prototypes alone at every depth (S-103)", () => {
    const value = parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"l":[{"__proto__":1}]}',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "l"]);
    expect(Object.getPrototypeOf(value.constructor)).toBeNull();
    expect(parse("{}").toString).toBeUndefined();
  });

  it("refuses control characters and lone surrogates in text and names (S-105)", () => {
    for (const character of ["\\u0000", "\\n", "\\u007f", "\\u009b", "\\ud800", "\\udc00x"]) {
      expectKind(() => parse(`{"a":"${character}"}`), "malformed");
      expectKind(() => parse(`{"${character}":1}`), "malformed");
    }
    expect(parse('{"a":"\\ud83d\\ude00"}').a).toBe("\u{1f600}");
  });

  it("gives back what a serializer wrote (property)", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 }).filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
    const value = fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 8, noNullPrototype: true }), (object) => {
        const written = JSON.stringify(object);
        fc.pre(written.length < 8_000 && !/\\u|\\[bfnrt]|[\x7f-\x9f]/.test(written));
        expect(JSON.stringify(parse(written))).toBe(written);
      }),
    );
  });

  it("throws nothing but faults (property)", () => {
    const piece = fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "a", "\\", "1", "null", " ", "\\u0061", '"a":');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          parse(pieces.join(""));
        } catch (error) {
          expect(error).toMatchObject({ name: "HttpFault" });
        }
      }),
      { numRuns: 300 },
    );
  });
});
