import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "../../../test/_postgres/test-database.ts";
import { openKeeper } from "../src/index.ts";
import { logInAt } from "./_customer.ts";
import { demoAccount, type Kept, startKept } from "./_kept.ts";
import { type AskingProcess, bundleProgram, startAsking, type TestProgram } from "./_processes.ts";
import { testHome } from "./_vault.ts";

/** As the processes have it: this machine's, which the broker's Date corrects (S-74). */
const clock = { now: () => Date.now() };

let program: TestProgram;
beforeAll(async () => {
  program = await bundleProgram("_asking-process");
});
afterAll(() => program[Symbol.asyncDispose]());

/** Every process shows its login page to one customer, who fills in whatever is shown. */
async function askAtOnce(kept: Kept, environments: readonly Readonly<Record<string, string>>[]) {
  const task = { broker: "upstox", canAsk: true, wait: false, onLine: false };
  const processes = environments.map((env) => startAsking(program, task, env));
  try {
    const shown = processes.map((each) => each.said("open").then(({ url }) => logInAt(kept.broker, "upstox", url)));
    // Most never show one.
    for (const each of shown) each.catch(() => {});
    const said = await Promise.all(processes.map((each) => each.said("token")));
    await Promise.all(processes.map(({ ended }) => ended));
    return {
      tokens: said.map(({ token }) => token),
      pages: processes.flatMap(({ lines }) => lines.filter((line) => line.said === "open")).length,
    };
  } finally {
    await Promise.all(processes.map((each: AskingProcess) => each[Symbol.asyncDispose]()));
  }
}

function logins({ broker }: Kept): number {
  return broker.requests().filter(({ path }) => path === "/v2/login/authorization/token").length;
}

describe("fifty processes that ask at once with no session in the vault (issue 4, must hold 1)", () => {
  it("get fifty tokens from one login", { timeout: 180_000 }, async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper({ clock });
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    const { tokens, pages } = await askAtOnce(
      kept,
      Array.from({ length: 50 }, () => kept.home.env),
    );
    expect(tokens).toHaveLength(50);
    expect(new Set(tokens)).toEqual(new Set([await keeper.token("upstox")]));
    expect(pages).toBe(1);
    expect(logins(kept)).toBe(1);
  });

  it("also on two machines that share a vault in Postgres", { timeout: 180_000 }, async () => {
    await using database = await testDatabase();
    await using kept = await startKept({}, database.url);
    const keeper = await kept.keeper({ clock });
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    // The other machine: a home of its own, and the key that its owner carried there.
    await using other = await testHome(database.url);
    await mkdir(join(other.path, "keys"), { mode: 0o700 });
    for (const file of await readdir(join(kept.home.path, "keys"))) {
      await copyFile(join(kept.home.path, "keys", file), join(other.path, "keys", file));
    }
    const machines = [kept.home.env, other.env];
    const { tokens, pages } = await askAtOnce(
      kept,
      Array.from({ length: 50 }, (_, index) => machines[index % 2] ?? {}),
    );
    await using there = await openKeeper({ vault: await other.open(), clock });
    expect(new Set(tokens)).toEqual(new Set([await there.token("upstox")]));
    expect([tokens.length, pages, logins(kept)]).toEqual([50, 1, 1]);
  });
});

describe("processes that share a vault", () => {
  it("go on when the one that logs in is killed: the next in line logs in", { timeout: 120_000 }, async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper({ clock });
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    const task = { broker: "upstox", canAsk: true, wait: false, onLine: false };
    await using first = startAsking(program, task, kept.home.env);
    await first.said("open");
    await using second = startAsking(program, task, kept.home.env);
    await second.said("ready");
    first.child.kill("SIGKILL");
    const { url } = await second.said("open");
    await logInAt(kept.broker, "upstox", url);
    expect((await second.said("token")).token).toBe(await keeper.token("upstox"));
    expect(logins(kept)).toBe(1);
  });

  it("switch to the new token together after a login anywhere", { timeout: 120_000 }, async () => {
    await using kept = await startKept();
    const desk = await kept.keeper({ person: kept.person, clock });
    await desk.accounts.add(demoAccount(kept.broker, "upstox"));
    const task = { broker: "upstox", canAsk: false, wait: true, onLine: false };
    await using bot = startAsking(program, task, kept.home.env);
    await bot.said("loginRequired");
    const session = await desk.login("upstox");
    expect((await bot.said("token")).token).toBe(session.accessToken.reveal());
    expect(await bot.ended).toEqual({ code: 0, stderr: "" });
  });
});
