import { describe, expect, it } from "vitest";
import { createCookies } from "../../src/http/cookies.ts";
import { expectKind } from "./_faults.ts";

const secure = createCookies({ issuer: "https://broker.example", prefix: "kunji_" });
const loopback = createCookies({ issuer: "http://127.0.0.1:8080", prefix: "kunji_" });

describe("cookies", () => {
  it("are host only, Secure, HttpOnly and Lax when the issuer is https (S-38)", () => {
    expect(secure.set("login", "abc")).toBe("__Host-kunji_login=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
    expect(secure.set("login", "abc", { maxAgeSeconds: 600 })).toMatch(/; Max-Age=600$/);
    expect(secure.clear("login")).toBe("__Host-kunji_login=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
  });

  it("lose prefix and Secure on plain-http loopback, and only there", () => {
    expect(loopback.set("login", "abc")).toBe("kunji_login=abc; Path=/; HttpOnly; SameSite=Lax");
    for (const issuer of ["http://localhost:1", "http://[::1]:1"]) createCookies({ issuer, prefix: "k" });
    for (const issuer of ["http://broker.example", "http://127.0.0.1.evil.example", "http://192.168.1.2", "ftp://x"]) {
      expect(() => createCookies({ issuer, prefix: "k" })).toThrow(TypeError);
    }
  });

  it("read what was set, beside cookies of others", () => {
    const header = `other=1; ${secure.set("login", "a-b_c").split(";")[0]}; __Host-kunji_form=x=y; kunji_login=tossed`;
    expect({ ...secure.read(header) }).toEqual({ login: "a-b_c", form: "x=y" });
    expect({ ...secure.read(undefined) }).toEqual({});
    expect({ ...secure.read("a=1; b=2") }).toEqual({});
  });

  it("refuse two of one name, even when equal, empty or spelled with spaces (S-39)", () => {
    for (const header of [
      "kunji_a=1; kunji_a=1",
      "kunji_a=1;kunji_a=2",
      "kunji_a; x=1; kunji_a =",
      "kunji_a=;kunji_a=",
    ]) {
      expectKind(() => loopback.read(header), "repeated-parameter");
    }
    expect({ ...loopback.read("x=1; x=2; kunji_a=1; kunji_b=1; KUNJI_a=2") }).toEqual({ a: "1", b: "1" });
  });

  it("read a value we cannot have set as empty", () => {
    expect({ ...loopback.read('kunji_a="quoted"; kunji_b=a b; kunji_c=a,b; kunji_d=\u00e9') }).toEqual({
      a: "",
      b: "",
      c: "",
      d: "",
    });
  });

  it("leave prototypes alone (S-103)", () => {
    const cookies = loopback.read("kunji___proto__=1; kunji_constructor=2");
    expect(Object.getPrototypeOf(cookies)).toBeNull();
    expect(Object.keys(cookies)).toEqual(["__proto__", "constructor"]);
  });

  it("cannot be written with text that would end the value or the header", () => {
    for (const value of ["a;b", "a b", "a,b", 'a"', "a\\b", "a\r\nSet-Cookie: b=c", "\u00e9"]) {
      expect(() => secure.set("login", value)).toThrow(TypeError);
    }
    for (const name of ["", "a=b", "a b", "a;b"]) expect(() => secure.set(name, "v")).toThrow(TypeError);
    expect(() => createCookies({ issuer: "https://x.example", prefix: "a b" })).toThrow(TypeError);
  });
});
