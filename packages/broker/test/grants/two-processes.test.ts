import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { startBroker } from "../../src/testing/index.ts";
import { startChildBroker } from "../store/_child-broker.ts";
import { lastingDatabase } from "../store/_lasting-database.ts";
import { UNLIMITED } from "../store/_unlimited.ts";
import { codesOf, exchange, getProfile, tokensOf } from "../upstox/_api.ts";

const CODES = 12;
const TRIES = 20;

describe("two server processes on one database (S-13, S-29)", () => {
  it("20 exchanges of each code over both are one 200; its token is then dead at both", async () => {
    await using database = await lastingDatabase();
    const masterKey = randomBytes(32);
    await using here = await startBroker({
      database: database.url,
      masterKey,
      customers: 2,
      settings: UNLIMITED,
    });
    const child = await startChildBroker(database.url, masterKey, CODES);
    try {
      const brokers = [here, { url: child.url, upstox: here.upstox }] as const;
      for (const code of child.codes) {
        const answers = await Promise.all(
          Array.from({ length: TRIES }, (_, index) => exchange(brokers[index % 2] ?? here, code)),
        );
        const won = answers.filter((answer) => answer.status === 200);
        expect(won.length, answers.map((answer) => `${answer.status} ${codesOf(answer)}`).join()).toBe(1);
        const lost = answers.filter((answer) => answer.status !== 200);
        expect(new Set(lost.map((answer) => `${answer.status} ${codesOf(answer)}`))).toEqual(
          new Set(["400 UDAPI100057"]),
        );
        const token = won[0] && tokensOf(won[0]).access;
        for (const broker of brokers) expect((await getProfile(broker, token)).status).toBe(401);
      }
      const { db, keys } = here.server.parts;
      expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");
    } finally {
      await child.kill();
    }
  }, 120_000);
});
