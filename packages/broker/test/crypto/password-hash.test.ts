import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { closeSync, constants, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createPinHasher, DEMO_HASH_COST, HasherOverloaded, PIN_HASH_COST } from "../../src/crypto/password-hash.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { temporaryDirectory } from "../store/_child-broker.ts";

const pepper = randomBytes(32);
const cheap = { ...DEMO_HASH_COST };

describe("PinHasher (S-46)", () => {
  it("is argon2id with OWASP's parameters and a salt per hash", async () => {
    const hasher = createPinHasher({ pepper });
    const [one, two] = await Promise.all([hasher.hash("123456"), hasher.hash("123456")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(PIN_HASH_COST).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });

  it("accepts the right PIN only, and none without the pepper", async () => {
    const hasher = createPinHasher({ pepper, cost: cheap });
    const stored = await hasher.hash("123456");
    expect(await hasher.verify(stored, "123456")).toEqual({ matches: true });
    expect(await hasher.verify(stored, "123457")).toEqual({ matches: false });
    const thief = createPinHasher({ pepper: randomBytes(32), cost: cheap });
    expect(await thief.verify(stored, "123456")).toEqual({ matches: false });
  });

  it("without an account it does the same work and says no", async () => {
    const hasher = createPinHasher({ pepper, cost: cheap });
    expect(await hasher.verify(undefined, "123456")).toEqual({ matches: false });
  });

  it("makes a hash of another cost anew, after the right PIN only", async () => {
    const hasher = createPinHasher({ pepper });
    const stored = await hasher.hashAt(DEMO_HASH_COST, "123456");
    expect(await hasher.verify(stored, "000000")).toEqual({ matches: false });
    const { matches, rehash } = await hasher.verify(stored, "123456");
    expect(matches).toBe(true);
    expect(rehash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(rehash, "123456")).toEqual({ matches: true });
  });
});

describe("PinHasher under a flood (S-124, S-125)", () => {
  const width = Math.max(1, availableParallelism() - 1);

  it("runs at most one job less than there are cores, and finishes all it took", async () => {
    const hasher = createPinHasher({ pepper, cost: cheap });
    const jobs = Array.from({ length: 40 }, () => hasher.hash("123456"));
    expect(hasher.load).toEqual({ running: width, waiting: 40 - width });
    await Promise.all(jobs);
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
  });

  it("refuses what would wait behind a full queue, at once, and goes on afterwards", async () => {
    const hasher = createPinHasher({ pepper, cost: cheap, maxWaiting: 3 });
    const jobs = Array.from({ length: width + 5 }, () => hasher.verify(undefined, "1"));
    const results = await Promise.allSettled(jobs);
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(HasherOverloaded);
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
    expect(await hasher.hash("1")).toMatch(/^\$argon2id/);
  });

  it("is a page with 503 and Retry-After to whoever logs in meanwhile; the PIN is not counted as wrong", async () => {
    await using broker = await startBroker({ customers: 1 });
    const { hasher } = broker.server.parts;
    const verify = hasher.verify;
    hasher.verify = () => Promise.reject(new HasherOverloaded());
    const sent = vi.spyOn(globalThis, "fetch");
    try {
      for (let n = 0; n < 6; n++) await expect(broker.login("upstox")).rejects.toThrow("503");
      const last = await sent.mock.results.at(-1)?.value;
      expect(last?.headers.get("retry-after")).toBe("1");
    } finally {
      sent.mockRestore();
      hasher.verify = verify;
    }
    expect((await broker.login("upstox")).code).toBeDefined();
  });

  it("does not count a password that nobody looked at as a guess", async () => {
    await using broker = await startBroker({ customers: 1 });
    const { db, hasher } = broker.server.parts;
    const verify = hasher.verify;
    hasher.verify = () => Promise.reject(new HasherOverloaded());
    for (let n = 0; n < 6; n++) await expect(broker.login("tradejini")).rejects.toThrow("503");
    hasher.verify = verify;
    expect((await broker.login("tradejini")).code).toBeDefined();
    const counted = await db.read(() =>
      selectAll("SELECT count FROM throttles WHERE throttle_key LIKE 'password-account:%' AND count > 0"),
    );
    expect(counted).toEqual([]);
  });

  it("hashes on threads of its own, started by the first job and never more than jobs may run", async () => {
    const hasher = createPinHasher({ pepper, cost: cheap });
    expect(hasher.threads).toBe(0);
    await Promise.all(Array.from({ length: 3 * width }, () => hasher.hash("123456")));
    expect(hasher.threads).toBe(width);
    await hasher.close();
    expect(hasher.threads).toBe(0);
    expect(await hasher.hash("123456")).toMatch(/^\$argon2id/);
    await hasher.close();
  });

  it("needs nothing of the thread pool that files and names use", async () => {
    const hasher = createPinHasher({ pepper });
    await hasher.hash("123456");
    using directory = temporaryDirectory();
    const pipe = join(directory.path, "pipe");
    execFileSync("mkfifo", [pipe]);
    // Each takes a thread of the pool, which has four, and holds it until somebody writes.
    const taken = Promise.all(Array.from({ length: 4 }, () => open(pipe, "r")));
    const lookedUp = lookup("127.0.0.1");
    expect(await hasher.hash("123456")).toMatch(/^\$argon2id/);
    const writer = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    for (const file of await taken) await file.close();
    closeSync(writer);
    await lookedUp;
    await hasher.close();
  });

  it("a thread that dies fails its job and no other", async () => {
    const hasher = createPinHasher({ pepper });
    const lost = hasher.hash("123456");
    await hasher.close();
    await expect(lost).rejects.toThrow("the PIN hashing thread ended");
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
    expect(await hasher.hash("123456")).toMatch(/^\$argon2id/);
    await hasher.close();
  });

  it("begins nothing that waits once it is closed (S-115)", async () => {
    const hasher = createPinHasher({ pepper });
    const jobs = Array.from({ length: width + 3 }, () => hasher.hash("123456"));
    const results = Promise.allSettled(jobs);
    await hasher.close();
    expect(hasher.threads).toBe(0);
    const refused = (await results).flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused).toHaveLength(width + 3);
    expect(refused.filter((error) => error instanceof HasherOverloaded)).toHaveLength(3);
    expect([hasher.load, hasher.threads]).toEqual([{ running: 0, waiting: 0 }, 0]);
  });

  it("a job that fails gives its place back", async () => {
    const hasher = createPinHasher({ pepper, cost: { ...cheap, memoryCost: 1 } });
    await expect(hasher.hash("1")).rejects.toThrow();
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
  });
});
