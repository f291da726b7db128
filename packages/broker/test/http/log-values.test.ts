import { describe, expect, it } from "vitest";
import { failureLogRecord, logText, requestLogRecord } from "../../src/http/log-values.ts";
import { StoreUnavailable } from "../../src/store/database.ts";

describe("requestLogRecord (S-96)", () => {
  it("holds the listed fields and no others, whatever else it is handed", () => {
    const request = {
      routePattern: "/v2/user/profile",
      method: "GET",
      status: 200,
      durationMs: 1.23456,
      requestId: "r1",
      clientId: "app",
      accountId: "7CAB3Q",
      url: "/v2/user/profile?code=canary",
      headers: { authorization: "Bearer canary" },
    };
    const record = requestLogRecord(request);
    expect(record).toEqual({
      requestId: "r1",
      route: "/v2/user/profile",
      method: "GET",
      status: 200,
      durationMs: 1.2,
    });
    expect(JSON.stringify(record)).not.toMatch(/canary|7CAB3Q|app/);
  });

  it("says none for a request without a route and leaves out what is not known", () => {
    const request = { routePattern: undefined, method: "GET", status: 404, durationMs: 0, requestId: "r2" };
    expect(requestLogRecord(request)).toEqual({
      requestId: "r2",
      route: "none",
      method: "GET",
      status: 404,
      durationMs: 0,
    });
  });
});

describe("failureLogRecord (S-96)", () => {
  it("says what failed, and the code of what caused it, without its text", () => {
    const cause = Object.assign(new Error("value canary is too long"), { code: "53100", detail: "canary" });
    const failure = new StoreUnavailable("Postgres cannot do this now", { cause });
    expect(failureLogRecord(failure)).toEqual({
      error: "StoreUnavailable",
      detail: "Postgres cannot do this now",
      code: "53100",
    });
  });

  it("leaves out what is no code, and takes anything that was thrown", () => {
    expect(failureLogRecord(Object.assign(new TypeError("no"), { code: "a b" }))).toEqual({
      error: "TypeError",
      detail: "no",
    });
    expect(failureLogRecord("canary")).toEqual({ error: "Error", detail: "string" });
  });
});

describe("logText (S-97)", () => {
  it.each([
    ["CR and LF", "a\r\nINFO forged", "a\ufffd\ufffdINFO forged"],
    ["ANSI escapes", "\u001b[31mred", "\ufffd[31mred"],
    ["the C1 form of ANSI escapes", "\u009b31mred", "\ufffd31mred"],
    ["NUL and DEL", "a\0b\x7f", "a\ufffdb\ufffd"],
    ["marks that turn text", "a\u202eb\u2066c", "a\ufffdb\ufffdc"],
    ["line separators", "a\u2028b", "a\ufffdb"],
    ["half a character", "a\ud83d", "a\ufffd"],
    ["nothing at all", "plain \u0915 text", "plain \u0915 text"],
  ])("disarms %s", (_name, value, text) => {
    expect(logText(value)).toBe(text);
  });

  it("cuts long values and says how long they were", () => {
    expect(logText("a".repeat(1_000_000))).toBe(`${"a".repeat(200)}...(1000000)`);
    expect(logText("abcdef", 3)).toBe("abc...(6)");
    expect(logText("\u{1f600}\u{1f600}", 3)).toBe("\u{1f600}\ufffd...(4)");
  });
});
