/**
 * The logins of the last days: shown on the dashboard, and counted so that no broker is asked too often, whatever was
 * restarted in between. A file beside the socket; it holds names and times, nothing secret.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type AccountId, accountLabel } from "../account.ts";
import type { KeeperErrorCode } from "../keeper-error.ts";
import { nodeFileSystem } from "../vault/file-system.ts";
import { replacePrivateFile } from "../vault/private-file.ts";

/** `elsewhere`: another process of the same vault logged in. */
export type StartedBy = "person" | "schedule" | "elsewhere";

export interface PastLogin extends AccountId {
  /** Epoch seconds. */
  readonly at: number;
  readonly startedBy: StartedBy;
  /** `waiting` also for one that a killed process left behind. */
  readonly outcome: "waiting" | "done" | "stopped" | KeeperErrorCode;
}

const KEPT_PER_ACCOUNT = 20;

export class LoginHistory {
  readonly #file: string;
  readonly #failed: (error: unknown) => void;
  #logins: readonly PastLogin[] = [];
  #writing: Promise<void> = Promise.resolve();

  /**
   * Empty until it was loaded.
   * @param failed is told when it could not be read or written; the service goes on, logins matter more
   */
  constructor(file: string, failed: (error: unknown) => void) {
    this.#file = file;
    this.#failed = failed;
  }

  /** Takes what the file holds, once nobody else writes it; begins anew when it is missing or no history. */
  async load(): Promise<void> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") this.#failed(error);
      return "[]";
    });
    this.#logins = readHistory(text, this.#failed);
  }

  /** Newest first. */
  of(id: AccountId): readonly PastLogin[] {
    const label = accountLabel(id);
    return this.#logins.filter((login) => accountLabel(login) === label);
  }

  /** @returns says how it ended; the entry is on disk before anything is asked of a broker when that was awaited */
  async begin(id: AccountId, at: number, startedBy: StartedBy): Promise<(outcome: PastLogin["outcome"]) => void> {
    let entry: PastLogin = { broker: id.broker, account: id.account, at, startedBy, outcome: "waiting" };
    await this.#keep([entry, ...this.#logins]);
    return (outcome) => {
      const ended = { ...entry, outcome };
      this.#keep(this.#logins.map((login) => (login === entry ? ended : login)));
      entry = ended;
    };
  }

  /** Waits until everything is on disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  #keep(logins: readonly PastLogin[]): Promise<void> {
    const counts = new Map<string, number>();
    this.#logins = logins.filter((login) => {
      const count = (counts.get(accountLabel(login)) ?? 0) + 1;
      counts.set(accountLabel(login), count);
      return count <= KEPT_PER_ACCOUNT;
    });
    this.#writing = this.#writing.then(() => this.#write(`${JSON.stringify(this.#logins)}\n`)).catch(this.#failed);
    return this.#writing;
  }

  #write(text: string): Promise<void> {
    return replacePrivateFile(nodeFileSystem, dirname(this.#file), basename(this.#file), Buffer.from(text));
  }
}

function readHistory(text: string, failed: (error: unknown) => void): PastLogin[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every(isPastLogin)) return list;
    throw new TypeError("not a login history");
  } catch (error) {
    failed(error);
    return [];
  }
}

function isPastLogin(value: unknown): value is PastLogin {
  if (typeof value !== "object" || value === null) return false;
  const { broker, account, at, startedBy, outcome } = value as Partial<Record<keyof PastLogin, unknown>>;
  const texts = [broker, account, startedBy, outcome];
  return texts.every((text) => typeof text === "string") && typeof at === "number" && Number.isSafeInteger(at);
}
