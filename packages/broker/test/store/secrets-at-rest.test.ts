import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mintCredential } from "../../src/crypto/credential.ts";
import { CODE_PREFIX } from "../../src/grants/issue-code.ts";
import { approveTokenRequest, openTokenRequest } from "../../src/grants/token-request.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { findAnyClient } from "../../src/store/clients.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { notifierMessage } from "../../src/upstox/token-request.ts";
import { upstoxTokenRules } from "../../src/upstox/token-rules.ts";
import { accountIdOf, exchange, issueCode, tokensOf } from "../upstox/_api.ts";
import { temporaryDirectory } from "./_child-broker.ts";

it("database, write-ahead log and backup hold no code, token, secret, PIN, one-time code or TOTP seed (S-10, S-20, S-27, S-44, S-46, S-69)", async () => {
  using directory = temporaryDirectory();
  const masterKey = randomBytes(32);
  await using broker = await startBroker({
    database: `sqlite:${join(directory.path, "broker.db")}`,
    masterKey,
    customers: 3,
  });
  const { db } = broker.server.parts;
  if (!(db instanceof SqliteDatabase)) throw new TypeError("this test is about SQLite");

  const login = await broker.login("upstox");
  const exchanged = tokensOf(await exchange(broker, login.code ?? ""));
  const lapsing = await issueCode(broker);
  const waiting = await approvedToken(broker);
  const otps = (await broker.inbox()).map((entry) => entry.otp).filter((otp) => otp !== undefined);
  expect(otps).toHaveLength(1);
  await db.backup(join(directory.path, "backup.db"));

  const { app, customers } = broker.upstox;
  const secrets: Record<string, string> = {
    "spent code": secretOf(login.code ?? ""),
    "unspent code": secretOf(lapsing),
    "access token": secretOf(exchanged.access),
    "extended token": secretOf(exchanged.extended),
    "token that waits for delivery": secretOf(waiting),
    "app secret": app.clientSecret,
    "broker key": masterKey.toString("base64url"),
    ...Object.fromEntries(
      customers.flatMap((c, n) => [
        [`TOTP seed ${n}`, c.totpSecret],
        [`PIN ${n}`, c.pin],
        [`PAN ${n}`, c.pan],
      ]),
    ),
    ...Object.fromEntries(otps.map((otp, n) => [`one-time code ${n}`, otp])),
  };
  const files = readdirSync(directory.path);
  expect(files).toEqual(expect.arrayContaining(["broker.db", "broker.db-wal", "backup.db"]));
  for (const name of files) {
    const bytes = readFileSync(join(directory.path, name));
    for (const [what, secret] of Object.entries(secrets)) {
      const found = forms(secret).filter((form) => occurs(bytes, form, secret.length < 8));
      expect(found, `${what} in ${name}`).toEqual([]);
    }
    // What may be there is: this is the file, and the search works.
    if (name === "backup.db") expect(occurs(bytes, Buffer.from(app.clientId), false)).toBe(true);
  }
});

/** The secret half; the row key before it is a locator and stands in the tables. */
function secretOf(credential: string): string {
  expect(credential.length).toBeGreaterThan(43);
  return credential.slice(-43);
}

/** As text, and as the bytes that a careless column would hold. */
function forms(secret: string): Buffer[] {
  const bytes = secret.length === 43 ? [Buffer.from(secret, "base64url")] : [];
  return [
    Buffer.from(secret),
    Buffer.from(secret, "utf16le"),
    Buffer.from(Buffer.from(secret).toString("base64")),
    ...bytes,
  ];
}

/** @param alone for six digits: part of a longer number, such as a mobile number or an amount, does not count */
function occurs(haystack: Buffer, needle: Buffer, alone: boolean): boolean {
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const around = [haystack[at - 1], haystack[at + needle.length]];
    if (!alone || !around.some(isWordByte)) return true;
  }
  return false;
}

function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && /[0-9A-Za-z./+$_-]/.test(String.fromCharCode(byte));
}

/** A request for the owner's token, approved; its delivery waits in the outbox. */
async function approvedToken(broker: TestBroker): Promise<string> {
  const { parts } = broker.server;
  const now = parts.clock.now();
  let text = "";
  await parts.db.write(function* () {
    const client = yield* findAnyClient(broker.upstox.app.clientId);
    const account = yield* findAccount(accountIdOf(broker));
    if (!client || !account) throw new Error("the demo data is missing");
    const link = mintCredential(CODE_PREFIX, now, parts.random);
    const opened = yield* openTokenRequest(parts, client, account, link, now + 60_000, now);
    if (opened.outcome !== "opened") throw new Error("the request was not opened");
    const message: typeof notifierMessage = (...facts) => {
      text = facts[2].text;
      return notifierMessage(...facts);
    };
    yield* approveTokenRequest(parts, upstoxTokenRules, opened.request, message, now);
  });
  expect(text).not.toBe("");
  return text;
}
