import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFormFields } from "../../src/http/form-fields.ts";
import { appendQuery } from "../../src/http/redirect-url.ts";

describe("appendQuery", () => {
  it.each([
    ["https://a.example/cb", "https://a.example/cb?code=c&state=s"],
    ["https://a.example", "https://a.example?code=c&state=s"],
    ["https://a.example/cb?x=1", "https://a.example/cb?x=1&code=c&state=s"],
    ["https://a.example/cb?", "https://a.example/cb?code=c&state=s"],
    ["https://a.example/cb?x=1&", "https://a.example/cb?x=1&code=c&state=s"],
    ["HTTPS://A.example:443/%7ea/../b", "HTTPS://A.example:443/%7ea/../b?code=c&state=s"],
  ])("keeps %s byte for byte (S-02)", (uri, url) => {
    expect(appendQuery(uri, { code: "c", state: "s" })).toBe(url);
  });

  it("leaves out parameters without a value and keeps empty ones", () => {
    expect(appendQuery("https://a.example/", { error: "access_denied", state: undefined })).toBe(
      "https://a.example/?error=access_denied",
    );
    expect(appendQuery("https://a.example/", { state: "" })).toBe("https://a.example/?state=");
    expect(appendQuery("https://a.example/", {})).toBe("https://a.example/");
  });

  it("cannot be made to end the line or to add a parameter (S-07)", () => {
    expect(appendQuery("https://a.example/", { state: "a\r\nSet-Cookie: x=y&code=z#f" })).toBe(
      "https://a.example/?state=a%0D%0ASet-Cookie%3A%20x%3Dy%26code%3Dz%23f",
    );
  });

  it.each([
    "https://a.example/#f",
    "https://a.example/\r\nX: y",
    "https://a.example/a b",
    "https://\u00e4.example/",
    "",
  ])("refuses %j, which nobody can have registered", (uri) => {
    expect(() => appendQuery(uri, { code: "c" })).toThrow(TypeError);
  });

  it("gives state back with the bytes received, however they were encoded (S-16, property)", () => {
    const state = fc.string({ unit: "binary", maxLength: 80 }).filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
    fc.assert(
      fc.property(state, fc.boolean(), (value, everyByteEscaped) => {
        const sent = everyByteEscaped
          ? [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
          : new URLSearchParams({ state: value }).toString().slice(6);
        const received = parseFormFields(`state=${sent}`).state;
        const url = appendQuery("https://a.example/cb?x=1", { code: "c", state: received });
        expect(/^[\x21-\x7e]+$/.test(url)).toBe(true);
        expect(new URL(url).searchParams.getAll("state")).toEqual([value]);
        expect([...new URL(url).searchParams.keys()]).toEqual(["x", "code", "state"]);
      }),
    );
  });
});
