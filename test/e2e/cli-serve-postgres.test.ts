import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../_postgres/test-database.ts";
import { buildKunji, Kunji } from "./_kunji.ts";

let database: TestDatabase;
beforeAll(async () => {
  await buildKunji();
  database = await testDatabase();
}, 180_000);
afterAll(() => database.drop());

const demo = ["serve", "--demo", "--port", "0", "--json", "--customers", "2"];
const key = { KUNJI_KEY: "a".repeat(64) };

async function ready(broker: Kunji): Promise<{ readonly url: string; readonly upstox: unknown }> {
  return JSON.parse(await broker.says("\n")) as { url: string; upstox: unknown };
}

describe("kunji serve on Postgres", () => {
  it("starts several on an empty database at once: one makes the schema, all have the same people", async () => {
    await using first = new Kunji([...demo, "--database", database.url]);
    await using second = new Kunji([...demo, "--database", database.url]);
    await using third = new Kunji([...demo, "--database", database.url]);
    const lines = await Promise.all([first, second, third].map(ready));
    for (const { url } of lines) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(lines[1]?.upstox).toEqual(lines[0]?.upstox);
    for (const broker of [first, second, third]) {
      broker.kill("SIGTERM");
      const { code, stdout, stderr } = await broker.ended;
      expect(code).toBe(0);
      expect(stderr).toContain("public demo key");
      // Said once, in words: never the URL (S-79).
      expect(stderr).toContain("--database holds a password");
      expect(stdout + stderr).not.toContain(new URL(database.url).password);
    }
  });

  it("takes the URL from KUNJI_DATABASE_URL, and needs a key of its own when it is no demo", async () => {
    const env = { KUNJI_DATABASE_URL: database.url, KUNJI_MESSAGE_SENDER: "https://gateway.example/send" };
    await using keyless = new Kunji(["serve", "--port", "0", "--json"], { env });
    expect(await keyless.ended).toMatchObject({ code: 2, stdout: "" });
    await using other = new Kunji(["serve", "--port", "0", "--json"], { env: { ...env, ...key } });
    const { code, stderr } = await other.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("another broker key");
  });

  it("serves with the URL from the environment", async () => {
    await using empty = await testDatabase();
    const env = { ...key, KUNJI_DATABASE_URL: empty.url, KUNJI_MESSAGE_SENDER: "https://gateway.example/send" };
    await using broker = new Kunji(["serve", "--port", "0", "--json"], { env });
    const { url } = await ready(broker);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    broker.kill("SIGTERM");
    const { code, stderr } = await broker.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain("holds a password");
  });

  it.each([
    ["a wrong password", (url: URL) => Object.assign(url, { password: "geheim" }), "password authentication failed"],
    [
      "a database that is not there",
      (url: URL) => Object.assign(url, { pathname: "/nobody" }),
      'database "nobody" does',
    ],
    ["a port where nobody listens", (url: URL) => Object.assign(url, { port: "1" }), "ECONNREFUSED"],
  ])("says what is wrong with %s, with exit code 1 and no secret", async (_, change, words) => {
    const url = change(new URL(database.url));
    await using broker = new Kunji([...demo, "--database", url.href]);
    const { code, stdout, stderr } = await broker.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(url.password);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
