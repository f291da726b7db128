import { createPkcePair, createState, UpstoxClient } from "@kunji/client";
import { describe, expect, it } from "vitest";

const { authorizationUrl } = UpstoxClient;
const app = { clientId: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa", redirectUri: "https://desk.example.in/cb?x=1&y=a b" };

describe("authorizationUrl", () => {
  it("is the dialog with everything encoded", () => {
    expect(authorizationUrl({ ...app, state: "s+t/a te", scope: "read write", host: "https://api.upstox.com" })).toBe(
      `https://api.upstox.com/v2/login/authorization/dialog?response_type=code&client_id=${app.clientId}&redirect_uri=https%3A%2F%2Fdesk.example.in%2Fcb%3Fx%3D1%26y%3Da%20b&state=s%2Bt%2Fa%20te&scope=read%20write`,
    );
  });

  it("carries a PKCE challenge with its method", async () => {
    const { codeChallenge } = await createPkcePair();
    const url = new URL(
      authorizationUrl({ ...app, state: createState(), codeChallenge, host: "http://127.0.0.1:8080/" }),
    );
    expect(url.origin).toBe("http://127.0.0.1:8080");
    expect(url.searchParams.get("code_challenge")).toBe(codeChallenge);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  });

  it("leaves out what is not given", () => {
    const url = new URL(authorizationUrl({ ...app, state: "s", host: "https://api.upstox.com" }));
    expect([...url.searchParams.keys()]).toEqual(["response_type", "client_id", "redirect_uri", "state"]);
  });

  it.each([{ clientId: "" }, { redirectUri: "" }, { state: "" }])("refuses %j", (missing) => {
    expect(() => authorizationUrl({ ...app, state: "s", ...missing })).toThrow(TypeError);
  });

  it("refuses to send people to a host without TLS (S-72)", () => {
    expect(() => authorizationUrl({ ...app, state: "s", host: "http://api.upstox.com" })).toThrow(TypeError);
  });
});
