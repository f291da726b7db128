import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createServiceLog, errorFields } from "../../src/service/service-log.ts";
import { scriptedPerson } from "../_customer.ts";
import { demoAccount } from "../_kept.ts";
import { call, sendRaw } from "./_request.ts";
import { startKeptService } from "./_service.ts";

describe("the log (S-96)", () => {
  it("holds no token, code, state, bearer, ticket, cookie, path or query of anybody", async () => {
    await using it = await startKeptService();
    const { broker } = it.kept;
    const { service } = it;
    let callback = new URL("http://nowhere");
    const person = scriptedPerson(broker, {
      sawCallback(url) {
        callback = new URL(url);
      },
    });
    const canary = "canary-91f2";
    await service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const { accessToken } = await service.keeper.login("upstox", { person });
    await person.done();
    await service.ask("/v1/tokens/upstox/default");
    const link = service.running.createDashboardLink();
    const entered = await call(service.running.url, new URL(link).pathname);
    const cookie = /=([\w-]+);/.exec(String(entered.headers["set-cookie"]))?.[1] ?? "none";
    const headers = {
      authorization: `Bearer ${canary}`,
      cookie: canary,
      "user-agent": canary,
      "last-event-id": canary,
    };
    for (const path of [`/${canary}`, `/v1/accounts?${canary}`, `/v1/tokens/upstox/${canary}`, `/open/${canary}`]) {
      await service.askWithBearer(path, { headers: { ...headers, authorization: "" } });
      await service.ask(path, { headers });
      await call(service.running.url, path, { headers, method: "POST" });
    }
    await sendRaw(service.running.url, `GET /${canary} HTTP/1.1\r\nHost: ${canary}\r\nConnection: close\r\n\r\n`);
    await sendRaw(service.running.url, `${canary}\r\n\r\n`);

    const bearer = (await readFile(service.running.bearerFile, "utf8")).trim();
    const answer = ["code", "state"].map((name) => callback.searchParams.get(name) ?? "");
    const secrets = [canary, ...answer, accessToken.reveal(), bearer, new URL(link).pathname.slice(6), cookie];
    for (const secret of [...secrets, broker.upstox.customers[0]?.userId ?? ""]) {
      expect(secret.length).toBeGreaterThan(4);
      expect(service.logText()).not.toContain(secret);
    }
    const names = new Set(service.log().flatMap((line) => Object.keys(line)));
    expect([...names].sort()).toEqual(
      [
        "account",
        "door",
        "durationMs",
        "event",
        "level",
        "message",
        "method",
        "place",
        "requestId",
        "route",
        "status",
        "time",
      ].filter((name) => names.has(name)),
    );
  });

  it("and the files beside the socket hold none either, but for the bearer's own", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const { accessToken } = await it.service.keeper.login("upstox", { person });
    await person.done();
    const folder = join(it.kept.home.path, "service");
    const files = async () =>
      (await readdir(folder, { withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();
    await expect.poll(files).toEqual(["bearer", "login-history.json"]);
    for (const name of await files()) {
      expect(await readFile(join(folder, name), "utf8")).not.toContain(accessToken.reveal());
    }
    expect(await readdir(join(folder, "starts"))).toEqual([]);
  });

  it("is one line of JSON each, whatever is in it (S-97)", () => {
    const lines: string[] = [];
    const log = createServiceLog(
      (line) => lines.push(line),
      () => 0,
    );
    log.warn("a\nb", { account: `x\r\n{"level":"info"}\u001b[31m\u2028\u202e`, code: "y".repeat(1_000_000) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(lines[0]?.length).toBeLessThan(1_000);
    for (const mark of ["\u001b", "\u2028", "\u202e"]) expect(lines[0]).not.toContain(mark);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", time: "1970-01-01T00:00:00.000Z" });
  });

  it("says of an error its class and code, and nothing it says of itself", () => {
    const error = Object.assign(new TypeError("token canary"), { code: "ECONNREFUSED", headers: "canary" });
    expect(errorFields(error)).toEqual({ error: "TypeError", code: "ECONNREFUSED" });
    expect(errorFields("canary")).toEqual({ error: "string" });
  });
});
