import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";
import { errorCode } from "./vault-failure.ts";

interface Watched {
  readonly path: string;
  readonly changed: () => void;
  revision: string | undefined;
}

/** How often everything is looked at in case an event got lost, ms. */
const SLOW = 1_000;
/** The same where the system gives no events: out of watches, or a network file system. */
const FAST = 100;

/** Tells when files of one folder were replaced, made or removed. Keeps the process alive while anything is watched. */
export class EntryWatch {
  readonly #folder: string;
  readonly #watched = new Set<Watched>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(file: string, changed: () => void): () => void {
    if (this.#watched.size === 0) this.#start();
    const path = join(this.#folder, file);
    // Events first, then the state they are compared with: nothing falls between.
    const entry: Watched = { path, changed, revision: stateOf(path) };
    this.#watched.add(entry);
    return () => {
      if (this.#watched.delete(entry) && this.#watched.size === 0) this.close();
    };
  }

  close(): void {
    this.#watched.clear();
    this.#watcher?.close();
    this.#watcher = undefined;
    clearInterval(this.#timer);
  }

  #start(): void {
    try {
      this.#watcher = watch(this.#folder, (_event, file) => {
        this.#look((path) => file === null || path === join(this.#folder, file));
      });
      this.#watcher.on("error", () => this.#stopEvents());
      this.#lookEvery(SLOW);
    } catch {
      this.#lookEvery(FAST);
    }
  }

  #stopEvents(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#lookEvery(FAST);
  }

  #lookEvery(interval: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(() => true), interval);
  }

  #look(concerns: (path: string) => boolean): void {
    for (const entry of [...this.#watched]) {
      if (!concerns(entry.path) || !this.#watched.has(entry)) continue;
      const revision = stateOf(entry.path);
      if (revision === entry.revision) continue;
      entry.revision = revision;
      entry.changed();
    }
  }
}

/**
 * The revision, or why there is none to be had. Nobody catches what a timer throws, and a disk that answers with an
 * error for a moment must not end the program; whoever is told reads the entry, and hears of the error there.
 */
function stateOf(path: string): string | undefined {
  try {
    return fileRevision(path);
  } catch (error) {
    return errorCode(error) ?? "unreadable";
  }
}

/**
 * A text that differs after every replacement of the file; undefined when there is none. One system call of a few
 * microseconds: asking the thread pool for it costs ten times as much.
 */
export function fileRevision(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}
