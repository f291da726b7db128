import { hostname } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAccountRecord, readFactorsRecord, writeAccountRecord, writeFactorsRecord } from "../src/account-record.ts";
import { type AccountProfile, KeeperError, Secret, type Session } from "../src/index.ts";
import { readSessionRecord, type SessionRecord, writeSessionRecord } from "../src/session-record.ts";

const ID = { broker: "upstox", account: "default" };

const session: Session = {
  ...ID,
  accessToken: new Secret("a-token-of-the-day-0001"),
  clientId: "app-1",
  userId: "7KAB12",
  userName: undefined,
  issuedAt: 1_795_577_700,
  expiresAt: 1_795_644_000,
  obtainedBy: "browser",
  provenAt: 1_795_577_701,
  clockOffset: -42,
};
const record: SessionRecord = { session, isDead: false, failure: { at: 1_795_577_000.5, code: "LOGIN_FAILED" } };

const profile: AccountProfile = {
  ...ID,
  way: "approval",
  clientId: "app-1",
  clientSecret: new Secret("secret"),
  redirectUri: undefined,
  userId: "7KAB12",
  host: "http://127.0.0.1:8080",
  notifierKey: new Secret("key"),
};

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_name, each: unknown) => (each instanceof Secret ? each.reveal() : each)));
}

describe("what the vault holds", () => {
  it("comes back as it was written", () => {
    const read = readSessionRecord(writeSessionRecord(record), ID);
    expect(read.session?.accessToken.reveal()).toBe("a-token-of-the-day-0001");
    expect(plain(read)).toEqual(plain(record));
    expect(plain(readAccountRecord(writeAccountRecord(profile), ID))).toEqual(plain(profile));
    const factors = { password: new Secret("4417"), totpSecret: new Secret("JBSWY3DPEHPK3PXP") };
    expect(readFactorsRecord(writeFactorsRecord(factors), ID).totpSecret.reveal()).toBe("JBSWY3DPEHPK3PXP");
  });

  it("has a clock offset only on the machine that measured it", () => {
    const elsewhere = writeSessionRecord(record).replace(JSON.stringify(hostname()), '"another-machine"');
    expect(readSessionRecord(elsewhere, ID).session?.clockOffset).toBe(0);
  });

  it("is refused when any field is missing or of another kind, and never quoted", () => {
    const written = JSON.parse(writeSessionRecord(record)) as Record<string, unknown> & { session: object };
    const damaged = [
      "",
      "null",
      "[]",
      "{",
      ...Object.keys(written.session)
        .filter((name) => name !== "userName")
        .flatMap((name) =>
          [undefined, {}, ""].map((value) => ({ ...written, session: { ...written.session, [name]: value } })),
        ),
      { ...written, version: 0 },
      { ...written, isDead: "no" },
      { ...written, session: "a-token-of-the-day-0001" },
    ].map((content) => (typeof content === "string" ? content : JSON.stringify(content)));
    for (const content of damaged) {
      const read = () => readSessionRecord(content, ID);
      expect(read, content).toThrow(KeeperError);
      expect(read).toThrow(/^the session of upstox\/default cannot be read: it is damaged/);
      expect(read).not.toThrow(/a-token/);
    }
  });

  it("says that a newer Kunji wrote it", () => {
    const newer = writeAccountRecord(profile).replace('"version":1', '"version":2');
    expect(() => readAccountRecord(newer, ID)).toThrow(
      expect.objectContaining({ code: "VAULT_DAMAGED", nextStep: "Update Kunji on this machine." }),
    );
  });

  it("throws nothing but KeeperError on whatever is there", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (content) => {
        try {
          readAccountRecord(content, ID);
        } catch (error) {
          expect(error).toBeInstanceOf(KeeperError);
        }
      }),
    );
  });
});
