import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { type Answer, exchange, expectErrors, getProfile, issueCode, logOut, tokensOf } from "../upstox/_api.ts";
import { temporaryDirectory } from "./_child-broker.ts";
import { startTestServer } from "./_test-server.ts";

it("a full disk: 503 in the vendor's shape, nothing acknowledged that is not kept, the process told once (S-30, S-119)", async () => {
  using directory = temporaryDirectory();
  const failures: Error[] = [];
  const options = {
    database: `sqlite:${join(directory.path, "broker.db")}`,
    masterKey: randomBytes(32),
    onStoreFailure: (error: Error) => failures.push(error),
  };
  const given: string[] = [];
  {
    await using broker = await startTestServer(options);
    const { db } = broker.server.parts;
    if (!(db instanceof SqliteDatabase)) throw new TypeError("this test is about SQLite");
    const codes = await Promise.all(Array.from({ length: 400 }, () => issueCode(broker)));
    db.pragma(`max_page_count = ${Number(db.pragma("page_count")) + 6}`);

    let refused: Answer | undefined;
    for (const code of codes) {
      const answer = await exchange(broker, code);
      if (answer.status !== 200) {
        refused = answer;
        break;
      }
      given.push(tokensOf(answer).access);
    }
    if (!refused) throw new Error("the disk did not fill up");
    expectErrors(refused, 503, ["UDAPI100500", null]);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(given.length).toBeGreaterThan(0);

    // From here on nothing that would have to be written is acknowledged, not even what would fit.
    const token = given[0] ?? "";
    expectErrors(await logOut(broker, token), 503, "UDAPI100500");
    expectErrors(await exchange(broker, codes.at(-1) ?? ""), 503, "UDAPI100500");
    expect((await fetch(`${broker.url}/v2/login/authorization/dialog?${dialogQuery(broker)}`)).status).toBe(503);
    expect((await getProfile(broker, token)).status).toBe(200);
    expect(failures).toHaveLength(1);
  }
  await using again = await startTestServer(options);
  for (const token of given) expect((await getProfile(again, token)).status).toBe(200);
});

function dialogQuery({ upstox }: { upstox: { app: { clientId: string; redirectUri: string } } }): URLSearchParams {
  return new URLSearchParams({ client_id: upstox.app.clientId, redirect_uri: upstox.app.redirectUri });
}
