import { CallbackException, readCallback } from "@kunji/client";
import { describe, expect, it } from "vitest";

const state = "n7Qk2-state-of-this-login";
const url = (query: string): string => `http://127.0.0.1:7475/callback?${query}`;

function failureOf(query: string, issuer?: string): unknown {
  try {
    return readCallback(url(query), { state, issuer });
  } catch (error) {
    return error;
  }
}

describe("readCallback", () => {
  it.each([
    url(`code=mk404x&state=${state}`),
    `/callback?code=mk404x&state=${state}`,
    url(`state=${state}&code=mk404x&unknown=1#fragment`),
  ])("gives the code of %s", (callback) => {
    expect(readCallback(callback, { state }).code).toBe("mk404x");
  });

  it("takes a URL object, and states with characters that need encoding", () => {
    const odd = "a b+c&d=é%";
    const callback = new URL("https://desk.example.in/callback?x=1");
    callback.searchParams.set("state", odd);
    callback.searchParams.set("code", "c/o+d e");
    expect(readCallback(callback, { state: odd }).code).toBe("c/o+d e");
  });

  it.each([
    ["missing", "code=mk404x"],
    ["empty", "code=mk404x&state="],
    ["wrong", "code=mk404x&state=another"],
    ["a prefix", `code=mk404x&state=${state.slice(0, -1)}`],
    ["longer", `code=mk404x&state=${state}x`],
    ["wrong, with an error", "error=access_denied&state=another"],
    ["wrong, with an issuer", "code=mk404x&state=another&iss=https%3A%2F%2Fevil.example"],
  ])("refuses a state that is %s before looking at anything else (S-17)", (_name, query) => {
    const error = failureOf(query, "https://broker.example.in");
    expect(error).toBeInstanceOf(CallbackException);
    expect(error).toMatchObject({ code: "STATE_MISMATCH", error: undefined });
  });

  it("reports a refusal", () => {
    expect(failureOf(`error=access_denied&error_description=no&state=${state}`)).toMatchObject({
      code: "DENIED",
      error: "access_denied",
      errorDescription: "no",
    });
  });

  it.each([
    ["the right issuer", "&iss=https%3A%2F%2Fbroker.example.in", "mk404x"],
    ["no issuer", "", "mk404x"],
  ])("accepts %s", (_name, query, code) => {
    expect(failureOf(`code=mk404x&state=${state}${query}`, "https://broker.example.in")).toMatchObject({ code });
  });

  it("refuses the callback of another broker: mix-up (S-09)", () => {
    const query = `code=mk404x&state=${state}&iss=https%3A%2F%2Fevil.example`;
    expect(failureOf(query, "https://broker.example.in")).toMatchObject({ code: "ISSUER_MISMATCH" });
    expect(failureOf(`code=mk404x&state=${state}&iss=`, "https://broker.example.in")).toMatchObject({
      code: "ISSUER_MISMATCH",
    });
  });

  it.each([
    ["a repeated code", `code=a&code=b&state=${state}`],
    ["a repeated state", `code=a&state=${state}&state=${state}`],
    ["broken percent-encoding", `code=%zz&state=${state}`],
    ["broken UTF-8", `code=%ff&state=${state}`],
    ["no code", `state=${state}`],
    ["an empty code", `code=&state=${state}`],
  ])("refuses %s (S-16, S-101)", (_name, query) => {
    expect(failureOf(query)).toMatchObject({ code: "MALFORMED" });
  });

  it("cannot be called without a state", () => {
    expect(() => readCallback(url("code=a"), { state: "" })).toThrow(TypeError);
    const careless = readCallback as unknown as (url: string, expected?: object) => unknown;
    expect(() => careless(url("code=a"))).toThrow(TypeError);
    expect(() => careless(url("code=a"), {})).toThrow(TypeError);
  });

  it("repeats nothing of the URL in its message", () => {
    expect(String(failureOf("code=canary-code&state=canary-state"))).not.toContain("canary");
  });
});
