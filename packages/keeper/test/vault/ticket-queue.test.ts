import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nodeFileSystem } from "../../src/vault/file-system.ts";
import { ownIdentity } from "../../src/vault/process-identity.ts";
import { TicketQueue } from "../../src/vault/ticket-queue.ts";

let root = "";
let folder = "";
let queue: TicketQueue;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kunji-lock-"));
  folder = join(root, "lock");
  queue = new TicketQueue(nodeFileSystem, folder);
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

/** Puts in a ticket as another process would have. */
function putTicket({ number = 1, pid = 1, started = "1", machine = "0123456789ab" }): string {
  const ticket = join(folder, `${String(number).padStart(8, "0")}-${pid}-${started}-${machine}-0123456789ab`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(ticket, "", { mode: 0o600 });
  return ticket;
}

/** Waits while the timers of a fake clock go on. @param timers how many there are while nothing else is to be done */
async function whileTimePasses<T>(
  work: Promise<T>,
  { timers, eachSecond = () => {} }: { readonly timers: number; readonly eachSecond?: () => void },
): Promise<{ value: T; seconds: number }> {
  let result: { readonly value: T } | undefined;
  let failure: unknown;
  work.then(
    (value) => {
      result = { value };
    },
    (error: unknown) => {
      failure = error;
    },
  );
  for (let seconds = 0; seconds < 60; seconds++) {
    // The file system answers in its own time, which no fake clock moves: a second passes when all wait for one.
    while (!result && !failure && vi.getTimerCount() < timers) await new Promise((resolve) => setImmediate(resolve));
    if (failure) throw failure;
    if (result) return { value: result.value, seconds };
    eachSecond();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  throw new Error("still waiting after a minute");
}

describe("a queue of tickets (S-94)", () => {
  it("is empty again when everybody was in", async () => {
    for (let round = 0; round < 3; round++) await (await queue.enter()).release();
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const held = await new TicketQueue(nodeFileSystem, folder).enter();
        const inside = readdirSync(folder).sort()[0];
        await held.release();
        return inside;
      }),
    );
    expect(new Set(all).size).toBe(20);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("passes by dead processes and what is no ticket", async () => {
    const { machine } = ownIdentity();
    // A number in use by somebody who began at another time, and one that nobody has.
    if (process.platform === "linux") {
      putTicket({ number: 1, pid: process.pid, started: "1", machine });
      putTicket({ number: 2, pid: 4_194_305, started: "1", machine });
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "junk"), "");
    const held = await queue.enter();
    expect(readdirSync(folder)).toHaveLength(2);
    await held.release();
    expect(readdirSync(folder)).toEqual(["junk"]);
  });

  it("lets nobody in before one who was there already, whatever it saw when it drew its ticket", async () => {
    let looks = 0;
    let other = "";
    const fs = {
      ...nodeFileSystem,
      readdir: (async (path: string) => {
        const found = await nodeFileSystem.readdir(path);
        // Between the first look and the ticket somebody else comes, waits for nobody, and holds the lock.
        if (looks++ === 0) other = putTicket({ number: 5, ...ownIdentity() });
        return found;
      }) as typeof nodeFileSystem.readdir,
    };
    let isWaiting = () => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    let isIn = false;
    const entering = new TicketQueue(fs, folder).enter(undefined, isWaiting).then((held) => {
      isIn = true;
      return held;
    });
    await Promise.race([waiting, entering]);
    expect(isIn).toBe(false);
    expect(readdirSync(folder).sort()[0]).toBe(basename(other));
    unlinkSync(other);
    await (await entering).release();
  });

  it("takes over within 10 s from a process of another machine that stopped beating", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const ticket = putTicket({});
    const { value, seconds } = await whileTimePasses(queue.enter(), { timers: 2 });
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThanOrEqual(10);
    expect(readdirSync(folder)).not.toContain(ticket);
    await value.release();
  });

  it("waits for a process of another machine as long as it beats", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const ticket = putTicket({});
    let beats = 0;
    const { value, seconds } = await whileTimePasses(queue.enter(), {
      timers: 2,
      eachSecond: () => {
        beats += 1;
        if (beats <= 40) utimesSync(ticket, 1_000 + beats, 1_000 + beats);
      },
    });
    expect(seconds).toBeGreaterThan(40);
    await value.release();
  });

  it.runIf(process.platform === "linux")(
    "waits longer for one that the kernel says is alive: it may be stopped",
    async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
      const { pid, started, machine } = ownIdentity();
      putTicket({ pid, started, machine });
      const { value, seconds } = await whileTimePasses(queue.enter(), { timers: 2 });
      expect(seconds).toBeGreaterThan(25);
      await value.release();
    },
  );

  it("tells a holder that was taken for dead", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const held = await queue.enter();
    const [ticket = ""] = readdirSync(folder);
    const lost = new Promise<void>((resolve) => held.lost.addEventListener("abort", () => resolve()));
    unlinkSync(join(folder, ticket));
    await whileTimePasses(lost, { timers: 1 });
    expect(held.lost.aborted).toBe(true);
    expect(held.lost.reason).toMatchObject({
      code: "VAULT_UNAVAILABLE",
      nextStep: expect.stringContaining("Try again"),
    });
    await held.release();
  });

  it("draws again for a waiter that was taken for dead", async () => {
    const first = await queue.enter();
    const told: string[] = [];
    let isWaiting = () => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    const second = queue.enter(undefined, () => {
      told.push("second");
      isWaiting();
    });
    await waiting;
    const [, ticket = ""] = readdirSync(folder).sort();
    unlinkSync(join(folder, ticket));
    await first.release();
    const held = await second;
    expect(readdirSync(folder)).not.toContain(ticket);
    expect(told).toEqual(["second"]);
    await held.release();
  });

  it("is refused in a folder that is a link (S-93)", async () => {
    mkdirSync(join(root, "elsewhere"), { mode: 0o700 });
    symlinkSync(join(root, "elsewhere"), folder);
    await expect(queue.enter()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
  });
});
