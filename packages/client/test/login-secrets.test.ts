import { createPkcePair, createState, pkceChallenge } from "@kunji/client";
import { describe, expect, it } from "vitest";

describe("createState", () => {
  it("gives 256 bits that need no encoding, never the same", () => {
    const states = Array.from({ length: 1000 }, createState);
    expect(new Set(states).size).toBe(1000);
    for (const state of states) expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("PKCE", () => {
  it("makes the challenge of RFC 7636 appendix B", async () => {
    expect(await pkceChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });

  it("makes pairs that belong together, S256 only (S-18)", async () => {
    const pair = await createPkcePair();
    expect(pair.codeVerifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(pair.codeChallengeMethod).toBe("S256");
    expect(pair.codeChallenge).toBe(await pkceChallenge(pair.codeVerifier));
    expect(pair.codeChallenge).not.toBe(pair.codeVerifier);
    expect((await createPkcePair()).codeVerifier).not.toBe(pair.codeVerifier);
  });

  it.each([
    ["of 43 characters", "a".repeat(43)],
    ["of 128 characters", "-._~".repeat(32)],
  ])("takes a verifier %s", async (_name, verifier) => {
    expect(await pkceChallenge(verifier)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it.each([
    ["that is short", "a".repeat(42)],
    ["that is long", "a".repeat(129)],
    ["of a bad alphabet", `${"a".repeat(43)}+`],
    ["with a line end", `${"a".repeat(43)}\n`],
    ["that is empty", ""],
  ])("refuses a verifier %s (S-18)", async (_name, verifier) => {
    await expect(pkceChallenge(verifier)).rejects.toBeInstanceOf(TypeError);
  });
});
