// The commands of an account's life, as a person types them: every one is a process of its own, on one vault.
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { logInAsCustomer, startBroker, type TestBroker, upstoxAnswers } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildKunji, Kunji, type KunjiResult, kunji } from "./_kunji.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let broker: TestBroker;
let home: string;
let redirectUri: string;
beforeAll(async () => {
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  [broker] = await Promise.all([startBroker({ customers: 2, redirectUri }), buildKunji()]);
}, 180_000);
afterAll(() => broker.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "kunji-home-"));
  await broker.reset();
  broker.clock.freeze(MORNING);
  return () => rm(home, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  return {
    KUNJI_HOME: home,
    KUNJI_VAULT_KEY: "file",
    KUNJI_UPSTOX_URL: broker.url,
    KUNJI_TRADEJINI_URL: `${broker.url}/v2`,
  };
}

const run = (words: string, input?: string): Promise<KunjiResult> =>
  kunji(words.split(" "), { env: environment(), ...(input === undefined ? {} : { input }) });

async function addUpstox(account = "default"): Promise<KunjiResult> {
  const { clientId, clientSecret } = broker.upstox.app;
  return await run(
    `accounts add upstox --account ${account} --client-id ${clientId} --redirect-uri ${redirectUri} --secrets-stdin`,
    JSON.stringify({ clientSecret }),
  );
}

/** The person: reads the address that the command shows, logs in there and lets the browser go back. */
async function logIn(words = "login upstox"): Promise<KunjiResult> {
  const login = new Kunji(words.split(" "), { env: environment() });
  const shown = await login.notes("/v2/login/authorization/dialog");
  const url = /http\S+dialog\S+/.exec(shown)?.[0] ?? "";
  const [customer] = broker.upstox.customers;
  if (!customer) throw new Error("no customer");
  const readOtp = async () => (await broker.inbox())[0]?.otp ?? "";
  const { callbackUrl } = await logInAsCustomer(url, upstoxAnswers(customer, readOtp));
  expect(await visit(callbackUrl)).toContain("logged in");
  return await login.ended;
}

/** Opens an address as a browser that was sent there does, and follows where it leads. @returns the page */
async function visit(url: string): Promise<string> {
  const [response] = (await once(get(url, { headers: { "sec-fetch-mode": "navigate" } }), "response")) as [
    IncomingMessage,
  ];
  if (response.statusCode === 303) return await visit(new URL(response.headers.location ?? "", url).href);
  expect(response.statusCode).toBe(200);
  return await text(response);
}

describe("kunji accounts", () => {
  it("adds an account with its secret from stdin, lists it without, and removes it", async () => {
    expect(await addUpstox("main")).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await run("accounts list --json");
    expect(JSON.parse(stdout)).toEqual({
      accounts: [
        { broker: "upstox", account: "main", way: "browser", clientId: broker.upstox.app.clientId, redirectUri },
      ],
    });
    expect((await run("accounts list")).stdout).toContain("upstox/main");
    expect(await run("accounts remove upstox --account main")).toMatchObject({ code: 0 });
    expect(await run("accounts remove upstox --account main")).toMatchObject({ code: 2 });
    expect((await run("accounts list")).stdout).toContain("No account yet");
  });

  it.each([
    ["accounts add upstox", "", "API key is missing: say --client-id"],
    ["accounts add upstox --client-id k --secrets-stdin", "{}", 'pipe {"clientSecret":"..."} in'],
    ["accounts add upstox --client-id k --secrets-stdin", "geheim", "no JSON"],
    ["accounts add upstox --client-id k --secrets-stdin", '{"geheim":"x"}', "none of clientSecret"],
    ["accounts add upstox --client-id k --secrets-stdin", '{"clientSecret":7}', "must be a text"],
    ["accounts add zerodha --client-id k", "", "Choose one of: upstox, tradejini"],
    ["accounts add upstox --way totp --client-id k", "", "no totp login"],
    ["accounts add tradejini --way totp --client-id k", "", "--store-factors"],
    ["accounts add upstox --account ../x --client-id k --secrets-stdin", '{"clientSecret":"x"}', "account name"],
  ])("refuses %s with exit code 2 and a sentence", async (words, input, sentence) => {
    const { code, stdout, stderr } = await run(words, input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("geheim");
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("shows the notifier URL of an approval account again, the same after its secret was replaced (S-80)", async () => {
    const add = (secret: string, ...more: string[]) =>
      kunji(["accounts", "add", "upstox", "--way", "approval", "--client-id", "key", "--secrets-stdin", ...more], {
        env: environment(),
        input: JSON.stringify({ clientSecret: secret }),
      });
    const pathIn = (text: string) => /\/kunji\/approved\/[\w-]{43}/.exec(text)?.[0];
    const path = pathIn((await add("geheim-1")).stdout);
    expect(path).toBeDefined();
    await add("geheim-2", "--replace");
    const shown = await run("accounts show upstox");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(pathIn(shown.stdout)).toBe(path);
    expect(JSON.parse((await run("accounts show upstox --json")).stdout)).toEqual({
      broker: "upstox",
      account: "default",
      way: "approval",
      clientId: "key",
      notifierPath: path,
    });
    expect(JSON.stringify(shown)).not.toContain("geheim");
    expect(await run("accounts show tradejini")).toMatchObject({ code: 2, stdout: "" });
  });

  it("does not replace an account by mistake", async () => {
    await addUpstox();
    expect(await addUpstox()).toMatchObject({ code: 2 });
  });
});

describe("the day of an Upstox account", () => {
  it("needs a login first: exit code 3, nothing on stdout, and what to do", async () => {
    await addUpstox();
    const { code, stdout, stderr } = await run("token upstox");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("Run: kunji login upstox");
    expect((await run("status")).stdout).toContain("not logged in");
  });

  it("goes from the login through token, status, profile, funds and doctor to the logout", async () => {
    await addUpstox();
    const login = await logIn();
    expect(login).toMatchObject({ code: 0 });
    expect(login.stdout).toContain("Logged in to Upstox");
    expect(login.stdout).toContain("Thu 26 Nov 2026, 03:30 IST");

    const token = await run("token upstox");
    expect(token).toMatchObject({ code: 0, stderr: "" });
    expect(token.stdout).toMatch(/^kupx_at_[\w-]{40,}\n$/);

    const { accounts } = JSON.parse((await run("status upstox --json")).stdout);
    expect(accounts).toMatchObject([{ account: "default", state: "valid", expiresAtIst: "2026-11-26T03:30:00+05:30" }]);
    expect((await run("profile upstox")).stdout).toContain("Demo Customer 1");
    expect((await run("funds upstox")).stdout).toContain("Available to trade");

    const again = await run("login upstox");
    expect(again.stdout).toContain("Already logged in");

    expect(await run("logout upstox")).toMatchObject({ code: 0, stdout: "Logged out of upstox/default.\n" });
    expect(await run("token upstox")).toMatchObject({ code: 3, stdout: "" });
    expect(await run("logout upstox")).toMatchObject({ code: 0, stdout: "upstox/default was not logged in.\n" });
  });

  it("keeps the secret, the code and the token out of everything it prints and stores (S-79, S-91)", async () => {
    await addUpstox();
    const outputs = [await logIn()];
    const { stdout: token } = await run("token upstox");
    for (const words of ["status", "status --json", "accounts list", "vault list", "profile upstox", "doctor"]) {
      outputs.push(await run(words));
    }
    const secrets = [broker.upstox.app.clientSecret, token.trim(), ...broker.upstox.customers.map(({ pin }) => pin)];
    const printed = JSON.stringify(outputs);
    for (const secret of secrets) expect(printed).not.toContain(secret);
    for (const file of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(join(file.parentPath, file.name), "latin1");
      for (const secret of secrets) expect(bytes).not.toContain(secret);
    }
  });

  it("shows funds as closed at night, which is no failure", async () => {
    await addUpstox();
    await logIn();
    broker.clock.freeze(Date.parse("2026-11-26T01:00:00+05:30"));
    const { code, stdout } = await run("funds upstox");
    expect({ code }).toEqual({ code: 0 });
    expect(stdout).toContain("05:30");
  });

  it("says that the broker does not answer with exit code 4", async () => {
    await addUpstox();
    await logIn();
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const words = ["profile", "upstox"];
    const { code, stderr } = await kunji(words, { env: { ...environment(), KUNJI_UPSTOX_URL: nowhere } });
    expect(code).toBe(4);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe("kunji vault", () => {
  it("lists, seals anew and forgets", async () => {
    await addUpstox();
    await logIn();
    const before = JSON.parse((await run("vault list --json")).stdout);
    expect(before.entries.map(({ kind }: { kind: string }) => kind).sort()).toEqual(["account", "session"]);
    expect(await run("vault rotate")).toMatchObject({ code: 0 });
    const after = JSON.parse((await run("vault list --json")).stdout);
    expect(after.entries[0].keyId).not.toBe(before.entries[0].keyId);
    expect((await run("token upstox")).code).toBe(0);
    expect(await run("vault forget upstox")).toMatchObject({ code: 0 });
    expect((await run("token upstox")).code).toBe(3);
  });
});

describe("kunji doctor", () => {
  it("finds nothing wrong with an account that can log in, and says nothing secret", async () => {
    await addUpstox();
    // The broker's clock runs beside ours: that is for another test.
    broker.clock.set(Date.now());
    const { code, stdout } = await run("doctor upstox --json");
    const { sections } = JSON.parse(stdout);
    const states = Object.fromEntries(
      sections.flatMap(({ findings }: { findings: { check: string; state: string }[] }) =>
        findings.map(({ check, state }) => [check, state]),
      ),
    );
    expect(states).toMatchObject({
      vault: "ok",
      reachable: "ok",
      clock: "ok",
      "redirect-uri": "ok",
      "callback-port": "ok",
      app: "ok",
      session: "skipped",
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain(broker.upstox.app.clientId);
    expect(stdout).not.toContain(home);
  });

  it("says that the app and its redirect URI do not fit, and that the clock is wrong", async () => {
    const words = `accounts add upstox --client-id nobody --redirect-uri ${redirectUri} --secrets-stdin`;
    await run(words, '{"clientSecret":"some-secret"}');
    const { code, stdout, stderr } = await run("doctor");
    expect(code).toBe(1);
    expect(stdout).toContain("refuses the API key with this redirect URI");
    expect(stdout).toContain("This machine's clock is");
    expect(stderr).toContain("2 things would make a login fail");
  });
});

describe("a Tradejini account that logs in by itself", () => {
  it("gets its token without anybody, from the stored PIN and TOTP secret", async () => {
    const { individualApp, customers } = broker.tradejini;
    const owner = customers.find(({ clientCode }) => clientCode === individualApp.clientCode);
    broker.clock.set(Date.now());
    const added = await run(
      `accounts add tradejini --way totp --client-id ${individualApp.clientId} --store-factors --secrets-stdin`,
      JSON.stringify({ password: owner?.password, totpSecret: owner?.totpSecret }),
    );
    expect(added).toMatchObject({ code: 0 });
    const { code, stdout } = await run("token tradejini");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kutj_at_[\w-]{40,}\n$/);
    expect((await run("profile tradejini")).stdout).toContain("Demo Customer 1");
    expect((await run("funds tradejini")).stdout).toContain("Available to trade");
  });
});

/** A port that was free a moment ago: the redirect URI needs a fixed one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
