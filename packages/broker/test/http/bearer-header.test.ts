import { describe, expect, it } from "vitest";
import { readBearer } from "../../src/http/bearer-header.ts";

describe("readBearer", () => {
  it.each(["Bearer abc", "bearer abc", "BEARER  abc", "Bearer a.b_c-d~e+f/g=="])("reads the token of %j", (header) => {
    expect(readBearer(header)).toEqual({ outcome: "token", token: header.slice(7).trim() });
  });

  it.each([undefined, "", "Bearer", "Bearer ", "bearer   "])("takes %j for no token", (header) => {
    expect(readBearer(header)).toEqual({ outcome: "absent" });
  });

  it.each([
    "Basic dXNlcjpwYXNz",
    "Bearer a b",
    "Bearer a,b",
    "Bearer a=b",
    "Bearer =",
    "Bearer \u00e9",
    'Bearer "abc"',
    "Bearer\tabc",
    "Bearerabc",
    "Bearer:abc",
    "Token abc",
    "abc",
    " Bearer abc",
  ])("refuses %j (S-22, S-32)", (header) => {
    expect(readBearer(header)).toEqual({ outcome: "malformed" });
  });
});
