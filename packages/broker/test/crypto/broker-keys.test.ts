import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveBrokerKeys, loadOrCreateKeyFile, readMasterKey } from "../../src/crypto/broker-keys.ts";
import { keyedDigest } from "../../src/crypto/digest.ts";
import { HmacKey } from "../../src/crypto/hmac-key.ts";
import { systemRandomness } from "../../src/crypto/random.ts";
import { temporaryDirectory } from "../store/_child-broker.ts";

const random = systemRandomness();
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());
const file = () => join(directory.path, "broker.key");

describe("deriveBrokerKeys", () => {
  it("gives every use a key of its own, the same for the same master key", () => {
    const master = randomBytes(32);
    const keys = deriveBrokerKeys(master);
    const digests = [
      keys.clientSecret,
      keys.pin,
      keys.guessable,
      keys.form,
      keys.extendedToken,
      keys.seal,
      keys.audit,
    ].map((key) => (Buffer.isBuffer(key) ? new HmacKey(key) : key).digest("x").toString("hex"));
    expect(new Set(digests).size).toBe(digests.length);
    expect(keyedDigest(deriveBrokerKeys(master).clientSecret, "x").toString("hex")).toBe(digests[0]);
    expect(keyedDigest(deriveBrokerKeys(randomBytes(32)).clientSecret, "x").toString("hex")).not.toBe(digests[0]);
  });

  it("gives the database a check that tells nothing of the key", () => {
    const master = randomBytes(32);
    const { check } = deriveBrokerKeys(master);
    expect(check).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(master.toString("base64url")).not.toContain(check);
    expect(deriveBrokerKeys(randomBytes(32)).check).not.toBe(check);
  });

  it("refuses a key of another size", () => {
    for (const size of [0, 16, 31, 33, 64]) expect(() => deriveBrokerKeys(Buffer.alloc(size))).toThrow("32 bytes");
  });
});

describe("readMasterKey", () => {
  const key = randomBytes(32);
  it("reads base64url and hex in either case, with a line end", () => {
    for (const text of [
      key.toString("base64url"),
      key.toString("hex"),
      key.toString("hex").toUpperCase(),
      `${key.toString("hex")}\n`,
    ]) {
      expect(readMasterKey(text)).toEqual(key);
    }
  });

  it("refuses anything else without repeating it", () => {
    for (const text of [
      "",
      "secret-but-short",
      key.toString("hex").slice(1),
      "=".repeat(43),
      `${key.toString("base64url")}=`,
      `${key.toString("base64url").slice(0, 40)}!!${key.toString("base64url").slice(40)}`,
      `${key.toString("hex")}00`,
    ]) {
      expect(() => readMasterKey(text)).toThrow(/^the broker key must be 32 bytes, written as 43 base64url/);
    }
  });
});

describe.skipIf(process.platform === "win32")("the key file (as S-92)", () => {
  it("is made once, for its owner's eyes only, and read from then on", () => {
    const first = loadOrCreateKeyFile(file(), random);
    expect(first.created).toBe(true);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readMasterKey(readFileSync(file(), "utf8"))).toEqual(first.master);
    const second = loadOrCreateKeyFile(file(), random);
    expect([second.created, second.master]).toEqual([false, first.master]);
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o666])("is refused when others may read or write it (%o)", (mode) => {
    loadOrCreateKeyFile(file(), random);
    chmodSync(file(), mode);
    expect(() => loadOrCreateKeyFile(file(), random)).toThrow("run chmod 600");
  });

  it("is refused when it is a link or a directory", () => {
    const target = join(directory.path, "elsewhere");
    writeFileSync(target, randomBytes(32).toString("hex"), { mode: 0o600 });
    symlinkSync(target, file());
    expect(() => loadOrCreateKeyFile(file(), random)).toThrow("not a regular file");
    symlinkSync(join(directory.path, "nowhere"), `${file()}2`);
    expect(() => loadOrCreateKeyFile(`${file()}2`, random)).toThrow("not a regular file");
    expect(() => loadOrCreateKeyFile(directory.path, random)).toThrow();
  });

  it("is refused when it holds no key, and left as it is", () => {
    writeFileSync(file(), "not a key\n", { mode: 0o600 });
    expect(() => loadOrCreateKeyFile(file(), random)).toThrow("32 bytes");
    expect(readFileSync(file(), "utf8")).toBe("not a key\n");
  });
});
