import { describe, expect, it } from "vitest";
import { createJsonHeaders, createPageHeaders, formActionSource } from "../../src/http/security-headers.ts";

describe("headers of pages (S-53, S-54, S-55)", () => {
  it("forbid everything that is not ours", () => {
    expect(createPageHeaders({ https: true })()).toEqual({
      "content-security-policy":
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
    });
  });

  it("have no HSTS over plain http, and our scripts only where a page asks for them", () => {
    const headers = createPageHeaders({ https: false, scripts: true })();
    expect(headers).not.toHaveProperty("strict-transport-security");
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
  });

  it("let the form of the last step lead to the registered redirect URI's origin", () => {
    const policy = createPageHeaders({ https: true })("https://desk.example.in/upstox/callback?x=1")[
      "content-security-policy"
    ];
    expect(policy).toMatch(/; form-action 'self' https:\/\/desk\.example\.in$/);
  });
});

describe("formActionSource", () => {
  it.each([
    ["https://desk.example.in/cb", "https://desk.example.in"],
    ["https://desk.example.in:8443/cb", "https://desk.example.in:8443"],
    ["http://127.0.0.1:7475/callback", "http://127.0.0.1:7475"],
    ["http://localhost/callback", "http://localhost"],
    ["http://[::1]:7475/callback", "http:"], // CSP knows no IPv6 literals
    ["https://[2001:db8::1]/cb", "https:"],
  ])("of %s is %s", (uri, source) => {
    expect(formActionSource(uri)).toBe(source);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "https://a;b/",
    "https://a'b/",
    "https://a,b/",
    "app.scheme:/cb",
  ])("refuses %s, which would open or break the policy", (uri) => {
    expect(() => formActionSource(uri)).toThrow(TypeError);
  });
});

describe("headers of data", () => {
  it("are the smaller set", () => {
    expect(createJsonHeaders({ https: false })).toEqual({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(createJsonHeaders({ https: true })).toHaveProperty("strict-transport-security");
  });
});
