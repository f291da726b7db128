import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noFields, parseFormFields, refuseSharedNames } from "../../src/http/form-fields.ts";
import { expectKind, faultOf } from "./_faults.ts";

const plain = (fields: object) => ({ ...fields });

/** Text that may be in a field: well formed, without control characters. */
const text = fc.string({ unit: "binary", maxLength: 60 }).filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
const name = text.filter((value) => value !== "");
const namedValues = fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 32 });

describe("parseFormFields", () => {
  it("reads a token request", () => {
    const body =
      "code=c0de&client_id=3f0c2a9e&client_secret=s&redirect_uri=http%3A%2F%2F127.0.0.1%3A7475%2Fcallback%3Fa%3Db&grant_type=authorization_code";
    expect(plain(parseFormFields(body))).toEqual({
      code: "c0de",
      client_id: "3f0c2a9e",
      client_secret: "s",
      redirect_uri: "http://127.0.0.1:7475/callback?a=b",
      grant_type: "authorization_code",
    });
  });

  it.each([
    ["", {}],
    ["&&", {}],
    ["a", { a: "" }],
    ["a=", { a: "" }],
    ["a==b=", { a: "=b=" }],
    ["a=1&&b=2&", { a: "1", b: "2" }],
    ["a=+b%2Bc%20", { a: " b+c " }],
    ["a+b=%e0%A4%95", { "a b": "\u0915" }],
    ["a=http://x/?y:z", { a: "http://x/?y:z" }],
  ])("reads %j", (body, fields) => {
    expect(plain(parseFormFields(body))).toEqual(fields);
  });

  it.each([
    "%",
    "%4",
    "%zz",
    "%4z",
    "%u0041",
    "%ff",
    "%c0%af",
    "%ed%a0%80",
    "%e0%a4",
    "%f5%80%80%80",
    "%00",
    "%0a",
    "%7f",
    "%c2%85",
  ])("refuses %s in a value and in a name (S-16, S-105)", (sequence) => {
    expectKind(() => parseFormFields(`a=x${sequence}`), "malformed");
    expectKind(() => parseFormFields(`x${sequence}=a`), "malformed");
  });

  it.each([" ", "\t", "\r\n", "\0", "\x7f", "\xe9", "\u0915"])("refuses the raw character %j", (character) => {
    expectKind(() => parseFormFields(`a=${character}`), "malformed");
    expectKind(() => parseFormFields(`${character}=a`), "malformed");
  });

  it("refuses a field without a name", () => {
    expectKind(() => parseFormFields("=a"), "malformed");
    expectKind(() => parseFormFields("a=b&="), "malformed");
  });

  it("refuses a repeated name, however it is spelled, and names it (S-101)", () => {
    for (const body of [
      "state=a&state=a",
      "state=&state",
      "state=a&st%61te=b",
      "a+b=1&a%20b=2",
      "__proto__=1&__proto__=2",
    ]) {
      expectKind(() => parseFormFields(body), "repeated-parameter");
    }
    expect(faultOf(() => parseFormFields("state=a&state=b")).parameter).toBe("state");
  });

  it("keeps the names of object members harmless (S-103)", () => {
    const fields = parseFormFields("__proto__=1&constructor=2&prototype=3&toString=4");
    expect(Object.keys(fields).sort()).toEqual(["__proto__", "constructor", "prototype", "toString"]);
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect(Reflect.get({}, "1")).toBeUndefined();
    expect(parseFormFields("a=1").hasOwnProperty).toBeUndefined();
  });

  it("takes 32 fields and refuses 33 (S-100)", () => {
    const body = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=`).join("&");
    expect(Object.keys(parseFormFields(body(32)))).toHaveLength(32);
    expectKind(() => parseFormFields(body(33)), "too-many-parameters");
  });

  it("measures values in bytes of UTF-8 against the named maximum or 2048", () => {
    const limits = { maximumBytes: { state: 6 } };
    expect(parseFormFields("state=%E0%A4%95%E0%A4%95", limits).state).toBe("\u0915\u0915");
    expect(faultOf(() => parseFormFields("state=%E0%A4%95%E0%A4%95a", limits)).parameter).toBe("state");
    expect(parseFormFields(`a=${"b".repeat(2048)}`, limits).a).toHaveLength(2048);
    expectKind(() => parseFormFields(`a=${"b".repeat(2049)}`, limits), "malformed");
    expectKind(() => parseFormFields(`constructor=${"b".repeat(2049)}`, limits), "malformed");
    expectKind(() => parseFormFields(`${"b".repeat(2049)}=a`), "malformed");
  });

  it("gives back every field that an encoder wrote, space as + or as %20 (property)", () => {
    fc.assert(
      fc.property(namedValues, fc.boolean(), (pairs, spaceAsPlus) => {
        const encode = (value: string) => encodeURIComponent(value).replaceAll("%20", spaceAsPlus ? "+" : "%20");
        const body = pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join("&");
        const fields = parseFormFields(body);
        expect(Object.keys(fields)).toHaveLength(pairs.length);
        for (const [key, value] of pairs) expect(fields[key]).toBe(value);
      }),
    );
  });

  it("either refuses a text or reads it as the URL standard does, and repairs nothing (property)", () => {
    const alphabet = fc.constantFrom("a", "b", "%", "4", "1", "c", "f", "0", "=", "&", "+", "\xff", "%41", "%e0%a4%95");
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), (pieces) => {
        const body = pieces.join("");
        let fields: Readonly<Record<string, string>>;
        try {
          fields = parseFormFields(body);
        } catch (error) {
          expect(error).toMatchObject({ name: "HttpFault" });
          return;
        }
        // What passed has only whole escapes, and reads as the lenient reader of the platform reads it.
        expect(/%(?![0-9a-f]{2})|\xff/i.test(body)).toBe(false);
        expect(Object.entries(fields).sort()).toEqual([...new URLSearchParams(body)].sort());
      }),
    );
  });

  it("reads or refuses a full body of one repeated piece", () => {
    for (const unit of ["&", "=", "+", "%41", "%"]) {
      const body = `a=${unit.repeat(Math.floor(16_000 / unit.length))}`;
      try {
        parseFormFields(body, { maximumBytes: { a: 16_384 } });
      } catch (error) {
        expect(error).toMatchObject({ name: "HttpFault" });
      }
    }
  });
});

describe("refuseSharedNames", () => {
  it("refuses a name in query and body, and nothing else (S-101)", () => {
    expectKind(() => refuseSharedNames(parseFormFields("a=1&b=2"), parseFormFields("b=2")), "repeated-parameter");
    refuseSharedNames(parseFormFields("a=1"), parseFormFields("b=2"));
    refuseSharedNames(noFields, parseFormFields("b=2"));
    refuseSharedNames(undefined, parseFormFields("b=2"));
  });
});
