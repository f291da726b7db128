import { describe, expect, it } from "vitest";
import { toHttpFault } from "../../src/http/framework-fault.ts";
import { HttpFault, httpFaultKinds } from "../../src/http/http-fault.ts";

describe("HttpFault", () => {
  it("has an error status for every kind", () => {
    for (const kind of httpFaultKinds) {
      const { status } = new HttpFault(kind);
      expect(status >= 400 && status <= 599).toBe(true);
    }
  });

  it("keeps a parameter that is a plain name and drops one that could be an echo (S-110)", () => {
    const parameterOf = (parameter: string) => new HttpFault("malformed", { parameter }).parameter;
    expect(parameterOf("client_id")).toBe("client_id");
    expect(parameterOf("Content-Type")).toBe("Content-Type");
    for (const name of ["<b>", "a b", "", "a\nb", "a".repeat(65), "\u0915"]) expect(parameterOf(name)).toBeUndefined();
  });
});

describe("toHttpFault", () => {
  const withCode = (code: unknown) => Object.assign(new Error("quotes /secret?code=1"), { code });

  it("returns a fault as it is", () => {
    const fault = new HttpFault("rate-limited", { retryAfterSeconds: 3 });
    expect(toHttpFault(fault)).toBe(fault);
  });

  it.each([
    ["FST_ERR_CTP_BODY_TOO_LARGE", "payload-too-large"],
    ["FST_ERR_CTP_INVALID_MEDIA_TYPE", "unsupported-media-type"],
    ["FST_ERR_BAD_URL", "malformed"],
    ["FST_ERR_VALIDATION", "malformed"],
    ["HPE_HEADER_OVERFLOW", "headers-too-large"],
    ["HPE_INVALID_METHOD", "malformed"],
    ["ERR_HTTP_REQUEST_TIMEOUT", "request-timeout"],
    ["SQLITE_FULL", "internal"],
    [7, "internal"],
  ])("reads the code %s as %s and does not repeat the message", (code, kind) => {
    const fault = toHttpFault(withCode(code));
    expect(fault.kind).toBe(kind);
    expect(fault.message).not.toContain("secret");
  });

  it("makes everything else internal and keeps it as the cause", () => {
    for (const thrown of ["text", null, {}, new TypeError("x")]) {
      expect(toHttpFault(thrown)).toMatchObject({ kind: "internal", status: 500, cause: thrown });
    }
    expect(toHttpFault(undefined).kind).toBe("internal");
  });
});
