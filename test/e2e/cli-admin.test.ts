// A real broker from nothing, as docs/operations.md sets one up: every command is a process of its own.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logInAsCustomer, totpCode } from "@kunji/broker/testing";
import Sqlite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildKunji, Kunji, type KunjiResult, kunji } from "./_kunji.ts";
import { type SmsGateway, startSmsGateway } from "./_sms-gateway.ts";

const CALLBACK = "https://desk.example.in/callback";
const MOBILE = "9876543210";
const PERSON = ["--name", "Demo Customer", "--mobile", MOBILE, "--email", "demo.customer@example.in"];

let gateway: SmsGateway;
let folder: string;
let path: string;
beforeAll(async () => {
  await buildKunji();
  gateway = await startSmsGateway();
}, 180_000);
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kunji-admin-"));
  path = join(folder, "broker.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = () => ({ KUNJI_DATABASE_URL: `sqlite:${path}` });

async function admin(words: readonly string[], input?: string): Promise<KunjiResult> {
  return await kunji(["admin", ...words], { env: environment(), ...(input === undefined ? {} : { input }) });
}

/** Runs a command that must go well. @returns its answer */
async function ask<Answer>(words: readonly string[], input?: string): Promise<Answer> {
  const { code, stdout, stderr } = await admin([...words, "--json"], input);
  expect({ code, words, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, words, stderr: "" });
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as Answer;
}

interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly status: string;
}

const createApp = (...more: string[]) =>
  ask<App>(["client", "create", "upstox", "--name", "Desk", "--redirect-uri", CALLBACK, ...more]);

const createPerson = (...more: string[]) =>
  ask<{ userId: string; totp: { secret: string } | null }>(
    ["account", "create", "upstox", "KA1234", ...PERSON, "--secrets-stdin", ...more],
    '{"pin":"246810","pan":"ABCDE1234F"}',
  );

/** Serves the database as it is, without demo data. */
async function serve(): Promise<{ broker: Kunji; url: string }> {
  const env = { ...environment(), KUNJI_MESSAGE_SENDER: gateway.url, KUNJI_LOG_LEVEL: "warn" };
  const broker = new Kunji(["serve", "--port", "0", "--json"], { env });
  const { url } = JSON.parse(await broker.says("\n")) as { url: string };
  return { broker, url };
}

async function stop(broker: Kunji): Promise<void> {
  broker.kill("SIGTERM");
  expect((await broker.ended).code).toBe(0);
}

/** Logs in through the pages. @returns the code */
async function logIn(url: string, { clientId }: App, pin = "246810", otp = () => gateway.nextOtp(MOBILE)) {
  const query = new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: CALLBACK });
  const answers = { fields: { mobile_number: MOBILE, pin }, ask: { otp } };
  const { code } = await logInAsCustomer(`${url}/v2/login/authorization/dialog?${query}`, answers);
  return code ?? "";
}

async function exchange(url: string, { clientId }: App, clientSecret: string, code: string) {
  const answer = await fetch(`${url}/v2/login/authorization/token`, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      code,
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: CALLBACK,
      grant_type: "authorization_code",
    }),
  });
  return { status: answer.status, token: ((await answer.json()) as { access_token?: string }).access_token ?? "" };
}

async function profileStatus(url: string, token: string): Promise<number> {
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  return (await fetch(`${url}/v2/user/profile`, { headers })).status;
}

describe("a real broker from nothing", () => {
  it("has the app and the account that were made for it, and every change holds at once (S-24)", async () => {
    const app = await createApp();
    await createPerson();
    const { broker, url } = await serve();
    await using _ = broker;

    const first = await exchange(url, app, app.clientSecret, await logIn(url, app));
    expect(first.status).toBe(200);
    expect(await profileStatus(url, first.token)).toBe(200);

    // Both secrets count for now; after a rotation without overlap the earlier ones do not.
    const rotated = await ask<App & { earlierSecretUntil: string }>(["client", "rotate-secret", app.clientId]);
    expect(Date.parse(rotated.earlierSecretUntil) - Date.now()).toBeLessThanOrEqual(86_400_000);
    expect((await exchange(url, app, app.clientSecret, await logIn(url, app))).status).toBe(200);
    expect((await exchange(url, app, rotated.clientSecret, await logIn(url, app))).status).toBe(200);
    await ask(["client", "rotate-secret", app.clientId, "--keep-earlier", "0"]);
    expect((await exchange(url, app, rotated.clientSecret, "none")).status).toBe(401);
    expect(await profileStatus(url, first.token)).toBe(200);

    expect((await ask<App>(["client", "disable", app.clientId])).status).toBe("inactive");
    expect(await profileStatus(url, first.token)).toBe(401);
    await expect(logIn(url, app)).rejects.toThrow();
    await ask(["client", "enable", app.clientId]);
    expect(await profileStatus(url, first.token)).toBe(401);
    await stop(broker);
    expect(await ask(["audit", "verify"])).toMatchObject({ outcome: "whole" });
  });

  it("manages its people: a new PIN, an authenticator app, a closed account", async () => {
    const app = await createApp();
    const { totp } = await createPerson("--totp");
    const { broker, url } = await serve();
    await using _ = broker;
    const otp = async () => totpCode(totp?.secret ?? "", Date.now() / 1000);
    const first = await exchange(url, app, app.clientSecret, await logIn(url, app, "246810", otp));
    expect(first.status).toBe(200);

    await ask(["account", "set-pin", "upstox", "KA1234", "--secrets-stdin"], '{"pin":"135790"}');
    expect(await profileStatus(url, first.token)).toBe(401);
    await gateway.nextOtp(MOBILE);
    await expect(logIn(url, app, "246810")).rejects.toThrow();
    const second = await exchange(url, app, app.clientSecret, await logIn(url, app, "135790"));
    expect(second.status).toBe(200);
    expect(await ask(["account", "reset-totp", "upstox", "KA1234"])).toMatchObject({ hasTotp: false });

    expect(await ask(["account", "disable", "upstox", "KA1234"])).toMatchObject({ state: "disabled" });
    expect(await profileStatus(url, second.token)).toBe(401);
    await stop(broker);
  });

  it("gives an app another name and owner, and a person another mobile number", async () => {
    const app = await createApp();
    await createPerson();
    const { stdout } = await admin(["client", "set", app.clientId, "--name", "Night Desk", "--owner", "KA1234"]);
    for (const text of ["Changed Night Desk", "KA1234", "tokens", `rotate-secret ${app.clientId} --keep-earlier 0`]) {
      expect(stdout).toContain(text);
    }
    expect(await ask(["client", "show", app.clientId])).toMatchObject({ name: "Night Desk", owner: "KA1234" });
    expect(await ask(["client", "set", app.clientId, "--remove-owner"])).toMatchObject({ owner: null });
    const refused = await admin(["client", "set", app.clientId, "--owner", "KA9999"]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("No account KA9999 at this broker")]);

    const moved = ["account", "set", "upstox", "KA1234", "--mobile"];
    expect(await ask([...moved, "9876543219"])).toMatchObject({ mobile: "9876543219", loginName: "9876543219" });
    const { code, stderr } = await admin([...moved, "+919876543219"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("ten digits")]);
    expect(await ask(["audit", "verify"])).toMatchObject({ outcome: "whole" });
  });

  it("registers apps and people of Tradejini too, and lists them all", async () => {
    const user = await ask<App>([
      "client",
      "create",
      "tradejini",
      "--name",
      "Orders",
      "--redirect-uri",
      CALLBACK,
      "--flow",
      "authorization_code",
      "order_connect",
    ]);
    expect(user.clientId).toMatch(/^[0-9a-f]{32}$/);
    await ask(
      ["account", "create", "tradejini", "TJ12345", ...PERSON, "--secrets-stdin"],
      '{"password":"correct horse"}',
    );
    const own = ["client", "create", "tradejini", "--name", "My program", "--kind", "individual", "--owner", "TJ12345"];
    const program = await ask<App>([...own, "--flow", "individual_token", "--static-ip", "203.0.113.7"]);
    expect(program.clientSecret).toBeNull();
    await createPerson();
    const clients = await ask<App[]>(["client", "list"]);
    expect(clients.map(({ clientId }) => clientId).sort()).toEqual([user.clientId, program.clientId].sort());
    const accounts = await ask<{ userId: string }[]>(["account", "list"]);
    expect(accounts.map(({ userId }) => userId)).toEqual(["TJ12345", "KA1234"]);
    const { stdout } = await admin(["client", "show", program.clientId]);
    for (const text of ["My program", "203.0.113.7", "individual_token", "TJ12345"]) expect(stdout).toContain(text);
  });

  it("keeps its files for its owner, and memory out of core dumps (S-79)", async () => {
    await createApp();
    await ask(["backup", join(folder, "saved.db")]);
    await ask(["audit", "export", "--to", join(folder, "audit.jsonl")]);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
    const { broker } = await serve();
    await using _ = broker;
    if (process.platform === "linux") {
      expect((await readFile(`/proc/${broker.child.pid}/coredump_filter`, "utf8")).trim()).toBe("00000000");
    }
    await stop(broker);
  });
});

describe("kunji admin audit", () => {
  /** Changes the database as somebody with the file but not the key could. */
  function tamper(...statements: string[]): void {
    const connection = new Sqlite(path);
    for (const statement of statements) connection.exec(statement);
    connection.close();
  }

  async function verify(...more: string[]) {
    const { code, stdout } = await admin(["audit", "verify", "--json", ...more]);
    const { outcome, problems } = JSON.parse(stdout) as { outcome: string; problems: unknown[] };
    return { code, outcome, problems };
  }

  const whole = { code: 0, outcome: "whole", problems: [] };
  const broken = (...problems: unknown[]) => ({ code: 1, outcome: "broken", problems });

  it("finds a row that was edited, one that was deleted, and the newest cut off (S-99)", async () => {
    await createApp();
    await createApp();
    expect(await verify()).toEqual(whole);
    const { stdout: head } = await admin(["audit", "head"]);
    expect(await verify("--head", head)).toEqual(whole);

    tamper("UPDATE audit SET client_id = 'another' WHERE seq = 2");
    expect(await verify()).toEqual(broken({ kind: "edited", seq: 2 }));
    tamper("DELETE FROM audit WHERE seq = 2");
    expect(await verify()).toEqual(broken({ kind: "missing", after: 1, before: 3 }));
    tamper("DELETE FROM audit WHERE seq = 4");
    expect((await verify()).problems).toContainEqual({ kind: "cut-off", after: 3, upTo: 4 });
    const { code, stdout, stderr } = await admin(["audit", "verify"]);
    expect(code).toBe(1);
    expect(stdout).toContain("the rows after 3 were cut off: there was a row 4");
    expect(stderr).toContain("it is evidence");
  });

  it("finds with a kept head what was cut off together with the stored one, and says how to go on", async () => {
    await createApp();
    tamper("CREATE TABLE kept AS SELECT * FROM facts");
    await createApp();
    const { stdout: head } = await admin(["audit", "head"]);
    tamper(
      "DELETE FROM audit WHERE seq > 2",
      "UPDATE facts SET value = (SELECT k.value FROM kept k WHERE k.name = facts.name)",
      "DROP TABLE kept",
    );
    expect(await verify()).toEqual(whole);
    expect(await verify("--head", head)).toEqual(broken({ kind: "cut-off", after: 2, upTo: 4 }));

    tamper("DELETE FROM facts WHERE name = 'audit head'");
    expect(await verify()).toEqual(broken({ kind: "head-missing" }));
    expect((await admin(["audit", "head"])).code).toBe(1);
    await ask(["audit", "head", "--renew"]);
    expect(await verify()).toEqual(whole);
  });

  it("exports lines of JSON that can be checked without the database", async () => {
    await createApp();
    const { stdout: lines } = await admin(["audit", "export"]);
    expect(
      lines
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual(["client.registered", "client.redirect-uris-changed"]);
    const file = join(folder, "audit.jsonl");
    expect(await ask(["audit", "export", "--to", file])).toEqual({ path: file, rows: 2 });
    expect(await readFile(file, "utf8")).toBe(lines);
    expect(await verify("--export", file)).toEqual(whole);
    await writeFile(file, lines.replace("client.registered", "client.status-changed"));
    expect(await verify("--export", file)).toEqual(broken({ kind: "edited", seq: 1 }));
    expect((await admin(["audit", "export", "--to", file])).code).toBe(1);
  });
});

describe("backup and restore (S-123)", () => {
  it("the drill: back up while it serves, lose the database, restore, and nothing of before is alive", async () => {
    const app = await createApp();
    await createPerson();
    const saved = join(folder, "saved.db");
    const { broker, url } = await serve();
    await using _ = broker;
    const { token } = await exchange(url, app, app.clientSecret, await logIn(url, app));
    const code = await logIn(url, app);
    await ask(["backup", saved]);
    const refused = await admin(["restore", saved]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("stop the broker");
    expect(await profileStatus(url, token)).toBe(200);
    await stop(broker);

    await rm(path);
    const restored = await ask<{ replaced: string | null }>(["restore", saved]);
    expect(restored).toMatchObject({ path, replaced: null, audit: { outcome: "whole" } });
    const again = await serve();
    await using _again = again.broker;
    expect(await profileStatus(again.url, token)).toBe(401);
    expect((await exchange(again.url, app, app.clientSecret, code)).status).toBe(400);
    const fresh = await exchange(again.url, app, app.clientSecret, await logIn(again.url, app));
    expect(await profileStatus(again.url, fresh.token)).toBe(200);

    // A broker that runs hears of a new epoch at once.
    await ask(["new-epoch"]);
    expect(await profileStatus(again.url, fresh.token)).toBe(401);
    await stop(again.broker);
  });

  it("keeps the database it replaces, which opens with the same key", async () => {
    await createApp();
    const saved = join(folder, "saved.db");
    await ask(["backup", saved]);
    await createApp();
    const { replaced } = await ask<{ replaced: string }>(["restore", saved]);
    expect(await ask<App[]>(["client", "list"])).toHaveLength(1);
    const env = { KUNJI_KEY_FILE: `${path}.key`, KUNJI_DATABASE_URL: `sqlite:${replaced}` };
    const { stdout } = await kunji(["admin", "client", "list", "--json"], { env });
    expect(JSON.parse(stdout)).toHaveLength(2);
  });
});

describe("kunji admin, used wrongly", () => {
  it.each<[string[], number, string]>([
    [["client", "list"], 1, "There is no database"],
    [["client", "list", "--database", "sqlite::memory:"], 2, "ends with its process"],
    [["client", "list", "--database", "mysql://u:geheim@h/d"], 2, "--database must be"],
    [["client", "create", "zerodha", "--name", "x", "--redirect-uri", CALLBACK], 2, "upstox, tradejini"],
    [["client", "create", "upstox", "--redirect-uri", CALLBACK], 2, "--name"],
    [
      ["client", "create", "upstox", "--name", "x", "--redirect-uri", "http://desk.example.in/"],
      2,
      "starts with https://",
    ],
    [["client", "rotate-secret", "x", "--keep-earlier", "25"], 2, "from 0 to 24"],
    [["client", "set", "x"], 2, "Nothing to change"],
    [["client", "set", "x", "--static-ip", "203.0.113.7", "--any-ip"], 2, "cannot be used with"],
    [["client", "set", "x", "--owner", "KA1234", "--remove-owner"], 2, "cannot be used with"],
    [["account", "set", "upstox", "KA1234"], 2, "--mobile"],
    [["account", "create", "upstox", "KA1234", ...PERSON], 2, "--secrets-stdin"],
    [["restore", "none.db"], 2, "The broker key"],
    [["client", "list", "--database", "postgres://u:geheim@h/d"], 2, "set KUNJI_KEY or KUNJI_KEY_FILE"],
    [["backup", "saved.db", "--database", "postgres://u:geheim@h/d"], 2, "pg_dump"],
    [["backup"], 2, "missing required argument"],
    [["client"], 2, "Usage: kunji admin client"],
    [["frobnicate"], 2, "unknown command"],
  ])("%j ends with %d and says what to do", async (words, code, sentence) => {
    const result = await admin(words);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(result.stderr).toContain(sentence);
    expect(result.stderr).not.toContain("geheim");
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });

  it("says so where the key is lost, or another one", async () => {
    await createApp();
    await rm(`${path}.key`);
    const lost = await admin(["client", "list"]);
    expect(lost.code).toBe(2);
    expect(lost.stderr).toContain("put it back");
    const env = { ...environment(), KUNJI_KEY: "b".repeat(64) };
    const other = await kunji(["admin", "client", "list"], { env });
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("another broker key");
  });

  it("makes no database and no key for what it refuses", async () => {
    const refused: readonly (readonly [readonly string[], string, string?])[] = [
      [["client", "create", "upstoxx", "--name", "Desk", "--redirect-uri", CALLBACK], "The broker is one of"],
      [["client", "create", "upstox", "--name", "Desk"], "at least one redirect URI"],
      [
        ["client", "create", "upstox", "--name", "Desk", "--redirect-uri", "http://desk.example.in/cb"],
        // The value as it was given, also where the sentence begins with it.
        "kunji: http://desk.example.in/cb: A redirect URI starts with https://",
      ],
      [
        ["client", "create", "upstox", "--name", "Desk", "--redirect-uri", CALLBACK, "--owner", "KA1"],
        "No account KA1",
      ],
      [["account", "create", "upstox", "KA1234", ...PERSON, "--secrets-stdin"], "six digits", '{"pin":"12345"}'],
      [["account", "create", "upstox", "KA1234", ...PERSON], "--secrets-stdin"],
      // Before anybody is asked for the PIN.
      [["account", "create", "upstox", "KA1234", ...PERSON, "--mobile", "12345"], "A mobile number has ten digits"],
    ];
    for (const [words, problem, input] of refused) {
      const { code, stdout, stderr } = await admin(words, input);
      expect([code === 0, stdout]).toEqual([false, ""]);
      expect(stderr).toContain(problem);
      expect(stderr).not.toContain("Made the broker key");
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("has no option for a PIN or a secret (S-79)", async () => {
    for (const words of [
      ["account", "create"],
      ["account", "set-pin"],
      ["client", "create"],
      ["client", "rotate-secret"],
    ]) {
      const { stdout } = await admin([...words, "--help"]);
      expect(stdout).not.toMatch(/--(pin|password|secret|pan|key) </);
    }
  });
});
