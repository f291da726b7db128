/** The generic parts against a server that nobody of this project wrote. */
import { pkceChallenge } from "@kunji/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browserLogin } from "../../src/login/browser-login.ts";
import { type Bench, freePort, openBench } from "./_bench.ts";
import { comeBack, navigate } from "./_http.ts";
import { CLIENT, type StandardServer, standardBroker, startStandardServer } from "./_standard-server.ts";
import { TestPerson } from "./_test-person.ts";

let redirectUri: string;
let server: StandardServer;
let bench: Bench;
let person: TestPerson;

beforeAll(async () => {
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  server = await startStandardServer(redirectUri);
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  const account = { broker: "standard", way: "browser", ...CLIENT, redirectUri, host: server.url } as const;
  bench = await openBench({ account, broker: standardBroker(server.url) });
  person = new TestPerson();
});
afterEach(() => bench[Symbol.asyncDispose]());

describe("a login at oidc-provider", () => {
  it("works with state, PKCE and issuer", async () => {
    const login = browserLogin(bench.request(person));
    const { url } = await person.opened;
    const callbackUrl = await server.logIn(url, "demo-customer-1");
    const callback = new URL(callbackUrl).searchParams;
    expect(callback.get("iss")).toBe(server.url);
    expect(callback.get("state")).toBe(new URL(url).searchParams.get("state"));
    const page = await comeBack(callbackUrl);
    expect(await login).toMatchObject({ broker: "standard", userId: "demo-customer-1" });
    expect(page.body).toContain("You are logged in");
    const verifier = server.exchanges.at(-1)?.get("code_verifier") ?? "";
    expect(await pkceChallenge(verifier)).toBe(new URL(url).searchParams.get("code_challenge"));
  });

  it("is not ended by a callback of another login (S-17, S-87)", async () => {
    const login = browserLogin(bench.request(person));
    const { url } = await person.opened;
    const swapped = new URL(url);
    swapped.searchParams.set("state", "state-of-another-login");
    const foreign = await server.logIn(swapped.href, "somebody-else");
    expect((await navigate(foreign)).status).toBe(400);
    person.paste(foreign);
    await expect.poll(() => person.refusals).toHaveLength(1);
    await comeBack(await server.logIn(url, "demo-customer-1"));
    expect((await login).userId).toBe("demo-customer-1");
  });

  it("is refused when the callback names another issuer, or none although the server always does (RFC 9207)", async () => {
    for (const change of [
      (each: URLSearchParams) => each.set("iss", "http://other.example"),
      (each: URLSearchParams) => each.delete("iss"),
    ]) {
      const asked = new TestPerson();
      const login = browserLogin(bench.request(asked));
      login.catch(() => {});
      const callback = new URL(await server.logIn((await asked.opened).url, "demo-customer-1"));
      change(callback.searchParams);
      const before = server.exchanges.length;
      const page = await comeBack(callback.href);
      await expect(login).rejects.toMatchObject({
        code: "LOGIN_FAILED",
        message: expect.stringContaining("did not come from"),
      });
      expect(page.body).toContain("The login did not work");
      expect(server.exchanges).toHaveLength(before);
    }
  });

  it("says so when the person cancels", async () => {
    const login = browserLogin(bench.request(person));
    login.catch(() => {});
    const page = await comeBack(await server.cancel((await person.opened).url));
    await expect(login).rejects.toMatchObject({ code: "LOGIN_DENIED" });
    expect(page.body).toContain("The login was cancelled");
  });
});
