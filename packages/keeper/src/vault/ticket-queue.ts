/**
 * A lock between processes, made of a folder: everybody puts a ticket into it and waits for the one before.
 *
 * A ticket is an empty file `NUMBER-PID-STARTED-MACHINE-RANDOM`; names are ordered as texts, and who holds the lowest
 * holds the lock. Why no two can: of two tickets the higher saw the lower when it looked back, or the lower was put in
 * after that, and then it saw the higher; whoever sees a higher ticket right after putting in its own takes it back
 * and draws again. No name is used twice, so removing a dead ticket never removes another's. Each waiter watches one
 * file, so that a release wakes one process and not fifty.
 *
 * Why not a lock file with a time stamp (proper-lockfile): two who find it stale can both remove it, the second
 * removing the first one's new lock; and whoever slept past the stamp is robbed though it lives.
 */
import { randomBytes } from "node:crypto";
import { watch } from "node:fs";
import { join } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import type { FileSystem } from "./file-system.ts";
import { preparePrivateSubfolder, unlinkIfThere } from "./private-file.ts";
import { lifeOf, ownIdentity, type ProcessIdentity } from "./process-identity.ts";
import { BROKEN_OFF, errorCode } from "./vault-failure.ts";

/** A ticket of ours that is first in the queue. */
export interface HeldTicket {
  /** Ends when somebody took us for dead, as after a suspension that this machine slept through alone. */
  readonly lost: AbortSignal;
  /**
   * Asks the folder itself: `lost` ends with the next heartbeat, which a process that was stopped has not had yet.
   * @throws the reason of `lost`
   */
  readonly requireHeld: () => Promise<void>;
  /** Ends `lost` from this side: whoever works under the ticket is told to stop. */
  readonly lose: (reason: Error) => void;
  readonly release: () => Promise<void>;
}

/** How often a ticket's time is renewed, ms. */
const HEARTBEAT = 2_000;
/** How often a waiter looks whether the one before still lives, ms. */
const LOOK = 1_000;
/**
 * Looks without a heartbeat after which a ticket is dead. Looks are counted and not time, so that a machine that was
 * suspended finds nobody stale when it wakes. A process that the kernel says is alive gets longer: it may be stopped.
 */
const LOOKS_UNKNOWN = 7;
const LOOKS_ALIVE = 30;

const TICKET = /^\d{8}-(\d+)-(\d+)-([0-9a-f]{12})-[0-9a-f]{12}$/;

export class TicketQueue {
  readonly #fs: FileSystem;
  readonly #folder: string;

  /** @param folder for this lock alone; created when needed, in one that is there */
  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.#folder = folder;
  }

  /**
   * @param waiting is called once when somebody else is before us
   * @throws the signal's reason when it ends first
   */
  async enter(signal?: AbortSignal, waiting?: () => void): Promise<HeldTicket> {
    await preparePrivateSubfolder(this.#fs, this.#folder);
    let tell = waiting;
    for (;;) {
      signal?.throwIfAborted();
      const ticket = await this.#draw();
      const heart = new Heart(this.#fs, join(this.#folder, ticket));
      const release = async () => {
        heart.stop();
        // On a disk that fails the ticket may stay; without a heartbeat the others find it dead after a while.
        await this.#remove(ticket).catch(() => {});
      };
      try {
        const isFirst = await this.#reachFront(ticket, signal, () => {
          tell?.();
          tell = undefined;
        });
        if (isFirst) {
          const requireHeld = () => heart.requireBeating();
          return { lost: heart.lost, requireHeld, lose: (reason) => heart.lose(reason), release };
        }
        heart.stop();
      } catch (error) {
        await release();
        throw error;
      }
    }
  }

  async #draw(): Promise<string> {
    for (;;) {
      const highest = Number((await this.#tickets()).at(-1)?.slice(0, 8) ?? 0);
      const { pid, started, machine } = ownIdentity();
      const number = String(highest + 1).padStart(8, "0");
      const ticket = `${number}-${pid}-${started}-${machine}-${randomBytes(6).toString("hex")}`;
      await (await this.#fs.open(join(this.#folder, ticket), "wx", 0o600)).close();
      if ((await this.#tickets().catch(() => [])).at(-1) === ticket) return ticket;
      await this.#remove(ticket);
    }
  }

  /** @returns false when our own ticket is gone: we were taken for dead and draw again */
  async #reachFront(ticket: string, signal: AbortSignal | undefined, waiting: () => void): Promise<boolean> {
    const patience = new Patience(this.#fs, this.#folder);
    for (;;) {
      const tickets = await this.#tickets();
      const place = tickets.indexOf(ticket);
      if (place < 0) return false;
      const before = tickets[place - 1];
      if (before === undefined) return true;
      if (await patience.isDead(before)) {
        await this.#remove(before);
        continue;
      }
      waiting();
      patience.looked(await removalOf(join(this.#folder, before), signal));
    }
  }

  /** In order. Other files in the folder are none of ours. */
  async #tickets(): Promise<string[]> {
    return (await this.#fs.readdir(this.#folder)).filter((name) => TICKET.test(name)).sort();
  }

  async #remove(ticket: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await unlinkIfThere(this.#fs, join(this.#folder, ticket));
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }
}

/** Renews the time of a ticket, and notices when it is gone. */
class Heart {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
    this.#timer = setInterval(() => {
      const now = new Date();
      fs.utimes(path, now, now).catch((error: unknown) => this.#missed(error));
    }, HEARTBEAT);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async requireBeating(): Promise<void> {
    this.lost.throwIfAborted();
    try {
      await this.#fs.stat(this.#path);
    } catch (error) {
      this.#missed(error);
      this.lost.throwIfAborted();
      throw error;
    }
  }

  #missed(error: unknown): void {
    if (errorCode(error) === "ENOENT") this.lose(takenForDead());
  }

  lose(reason: Error): void {
    this.stop();
    this.#lost.abort(reason);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function takenForDead(): KeeperError {
  return new KeeperError("VAULT_UNAVAILABLE", "this process stood still for so long that another one took its turn", {
    nextStep: BROKEN_OFF,
  });
}

/** What a waiter has seen of the ticket before its own. */
class Patience {
  readonly #fs: FileSystem;
  readonly #folder: string;
  #ticket = "";
  #beat: number | undefined;
  #looks = 0;

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.#folder = folder;
  }

  async isDead(ticket: string): Promise<boolean> {
    const life = lifeOf(identityIn(ticket));
    if (life === "dead") return true;
    const beat = await this.#fs.stat(join(this.#folder, ticket)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (ticket !== this.#ticket || beat !== this.#beat) {
      this.#ticket = ticket;
      this.#beat = beat;
      this.#looks = 0;
    }
    return this.#looks >= (life === "alive" ? LOOKS_ALIVE : LOOKS_UNKNOWN);
  }

  looked(how: "removed" | "time to look"): void {
    if (how === "time to look") this.#looks += 1;
  }
}

function identityIn(ticket: string): ProcessIdentity {
  const [, pid = "0", started = "0", machine = ""] = TICKET.exec(ticket) ?? [];
  return { pid: Number(pid), started, machine };
}

/** Waits until a file is removed or it is time to look again. @throws the signal's reason */
function removalOf(path: string, signal: AbortSignal | undefined): Promise<"removed" | "time to look"> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void) => {
      clearTimeout(timer);
      stop?.();
      signal?.removeEventListener("abort", abort);
      end();
    };
    const abort = () => finish(() => reject(signal?.reason));
    const removed = () => finish(() => resolve("removed"));
    const timer = setTimeout(() => finish(() => resolve("time to look")), LOOK);
    const stop = watchRemoval(path, removed);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
}

/** @returns stops it; undefined where nothing can be watched (no watches left, network file system): then looks must do */
function watchRemoval(path: string, removed: () => void): (() => void) | undefined {
  try {
    // Heartbeats come as "change".
    const watcher = watch(path, (event) => {
      if (event === "rename") removed();
    });
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch (error) {
    if (errorCode(error) === "ENOENT") queueMicrotask(removed);
    return undefined;
  }
}
