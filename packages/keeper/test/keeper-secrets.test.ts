import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { KeeperEventType, KeeperLogEntry } from "../src/index.ts";
import { logInAt, scriptedPerson } from "./_customer.ts";
import { demoAccount, failure, startKept } from "./_kept.ts";
import { bundleProgram, startAsking, type TestProgram } from "./_processes.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await bundleProgram("_asking-process");
});
afterAll(() => program[Symbol.asyncDispose]());

const EVENTS: readonly KeeperEventType[] = ["renewed", "expiring", "expired", "loginRequired"];

/** Every form in which somebody prints a value. */
function printed(value: unknown): string[] {
  const forms = [String(value), inspect(value, { depth: 20, showHidden: true, getters: true })];
  try {
    forms.push(JSON.stringify(value) ?? "");
  } catch {
    // A client holds itself: it has no JSON.
  }
  if (value instanceof Error) forms.push(value.stack ?? "", value.message, ...printed({ ...value }));
  if (value instanceof Error && value.cause !== undefined) forms.push(...printed(value.cause));
  return forms;
}

/** Every text that is digested from now on: a PKCE verifier exists nowhere else outside of its own login (S-18). */
function digestedTexts(): () => string[] {
  const digest = vi.spyOn(globalThis.crypto.subtle, "digest");
  return () => digest.mock.calls.map(([, data]) => new TextDecoder().decode(data));
}

function s256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

describe("nothing secret (issue 4, must hold 7; S-73, S-79, S-96)", () => {
  it("stands in logs, events, errors, printed objects, output or the process title", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    const title = process.title;
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
    }
    const seen: string[] = [];
    const secrets = new Set<string>();
    const digested = digestedTexts();
    const [codes, challenges]: [string[], string[]] = [[], []];
    const sawCallback = (url: string) => codes.push(new URL(url).searchParams.get("code") ?? "");
    try {
      const login = scriptedPerson(broker, { sawCallback });
      const person = {
        ...login,
        openLogin(request: Parameters<typeof login.openLogin>[0]) {
          const { state = "", code_challenge = "" } = Object.fromEntries(new URL(request.url).searchParams);
          secrets.add(state);
          challenges.push(code_challenge);
          login.openLogin(request);
        },
      };
      const lines: KeeperLogEntry[] = [];
      const keeper = await kept.keeper({ person, log: (entry) => lines.push(entry) });
      for (const type of EVENTS) keeper.on(type, (event) => seen.push(...printed(event)));

      const upstox = demoAccount(broker, "upstox");
      const own = demoAccount(broker, "tradejini-totp");
      for (const secret of [upstox.clientSecret, own.password, own.totpSecret]) secrets.add(secret as string);
      for (const customer of broker.upstox.customers) secrets.add(customer.pin).add(customer.totpSecret);
      seen.push(...printed(await keeper.accounts.add(upstox)), ...printed(await keeper.accounts.add(own)));

      // What goes well.
      for (const [name, account] of [["upstox"], ["tradejini", "own"]] as const) {
        const session = await keeper.session(name, { account });
        secrets.add(session.accessToken.reveal());
        seen.push(...printed(session));
      }
      const { userApi } = await keeper.upstox();
      const { accountApi } = await keeper.tradejini("own");
      await userApi.getProfile("2.0");
      await accountApi.getUserDetails();
      for (const value of [keeper, userApi, accountApi, userApi.apiClient, await keeper.status()]) {
        seen.push(...printed(value));
      }

      // What goes wrong.
      const errors: unknown[] = [];
      const fails = async (promise: Promise<unknown>) => errors.push(await failure(promise));
      const token = await keeper.token("upstox");
      const echo = { status: "error", errors: [{ errorCode: "UDAPI100500", message: `bad token ${token}` }] };
      broker.faults.inject({ route: "GET /v2/user/profile", status: 500, body: echo, times: 1 });
      await fails(userApi.getProfile("2.0"));
      broker.faults.inject({ route: "GET /v2/user/profile", drop: true, times: 1 });
      await fails(keeper.login("upstox"));
      broker.faults.inject({
        route: "/v2/login/authorization/token",
        status: 400,
        body: `<p>${upstox.clientSecret}`,
        times: 1,
      });
      await fails(keeper.login("upstox"));
      const stranger = scriptedPerson(broker, { upstox: broker.upstox.customers[1], sawCallback });
      await fails(keeper.login("upstox", { person: stranger }));
      // Past the code that was used.
      broker.clock.advance(31);
      broker.faults.inject({ route: "/v2/api-gw/oauth/individual-token-v2", status: 401, times: 1 });
      await fails(keeper.login("tradejini", { account: "own" }));
      await fails(keeper.accounts.add({ ...upstox, redirectUri: String(upstox.clientSecret) }));
      const nobody = await kept.keeper();
      await keeper.logout("upstox");
      await fails(nobody.token("upstox"));
      expect(errors).toHaveLength(7);
      for (const error of errors) seen.push(...printed(error));
      seen.push(...lines.flatMap(printed));
      // Of the login that worked, of those that broke off, and of the stranger's.
      for (const code of codes) secrets.add(code);
      const verifiers = digested().filter((text) => challenges.includes(s256(text)));
      for (const verifier of verifiers) secrets.add(verifier);
      expect([codes, challenges, new Set(verifiers)]).toEqual([
        Array(4).fill(expect.stringMatching(/^\S{22,}$/)),
        Array(3).fill(expect.stringMatching(/^[\w-]{43}$/)),
        expect.objectContaining({ size: 3 }),
      ]);
    } finally {
      vi.restoreAllMocks();
    }
    expect(secrets.size).toBeGreaterThan(20);
    expect(process.title).toBe(title);
    // Short ones would be found by chance; none of them is long enough to be told apart either.
    const long = [...secrets].filter((secret) => secret.length >= 8);
    const found = [...seen, ...written].flatMap((text) => long.filter((secret) => text.includes(secret)));
    expect(found).toEqual([]);
  });

  it.runIf(existsSync("/proc/self/environ"))("stands in the words or the environment of a process", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const account = demoAccount(kept.broker, "upstox");
    await keeper.accounts.add(account);
    await using asking = startAsking(
      program,
      { broker: "upstox", canAsk: true, wait: false, onLine: true },
      kept.home.env,
    );
    await asking.said("ready");
    asking.child.stdin?.write("\n");
    const { url } = await asking.said("open");
    const look = async () =>
      await Promise.all(
        ["cmdline", "environ", "comm"].map((name) => readFile(`/proc/${asking.child.pid}/${name}`, "utf8")),
      );
    const during = await look();
    const login = logInAt(kept.broker, "upstox", url);
    const { token } = await asking.said("token");
    await login;
    for (const text of during) {
      for (const secret of [token, account.clientSecret as string, new URL(url).searchParams.get("state") ?? ""]) {
        expect(secret.length).toBeGreaterThan(7);
        expect(text).not.toContain(secret);
      }
    }
    expect(during.join()).toContain(kept.home.env.KUNJI_HOME);
  });
});
