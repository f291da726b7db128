import { write, writeSync } from "node:fs";

/** What is written to a pipe in pieces of this size arrives whole, also when several processes share it (PIPE_BUF). */
const PIECE_BYTES = 4_096;
/** Bytes that may wait for whoever reads the log (S-124). */
const MOST_WAITING = 16 * 1024 * 1024;
const RETRY_MS = 100;
/** How long the end of the process waits for a reader that is slow. */
const LAST_TRIES = 10;

export interface LogStreamOptions {
  /** 2 is stderr. */
  readonly fd: number;
  /** Bytes that wait at most; 16 MiB by default. */
  readonly mostWaiting?: number | undefined;
  /** Called with how many lines were lost, once there is room again. */
  readonly onLost?: (lines: number) => void;
}

/**
 * Writes lines without making whoever says them wait. A log that cannot be written, because nobody reads it or its disk is
 * full, neither ends the process nor keeps it from ending: lines wait, are tried again, and are lost when too many wait.
 * pino's own destination throws then, and goes on for ever when the process ends.
 */
export class LogStream {
  readonly #fd: number;
  readonly #mostWaiting: number;
  readonly #onLost: (lines: number) => void;
  /** Oldest first; whole lines each, but for one that was written in part. */
  readonly #pieces: (string | Buffer)[] = [];
  /** Bytes of the last piece, while lines may still be added to it. */
  #lastBytes = 0;
  #waiting = 0;
  #isBusy = false;
  #isGone = false;
  #lost = 0;

  constructor({ fd, mostWaiting = MOST_WAITING, onLost = () => {} }: LogStreamOptions) {
    this.#fd = fd;
    this.#mostWaiting = mostWaiting;
    this.#onLost = onLost;
  }

  /** @param line with its end */
  write(line: string): void {
    if (this.#isGone) return;
    const bytes = Buffer.byteLength(line);
    if (this.#waiting + bytes > this.#mostWaiting) {
      this.#lost += 1;
      return;
    }
    this.#waiting += bytes;
    const last = this.#pieces.at(-1);
    if (typeof last === "string" && this.#lastBytes + bytes <= PIECE_BYTES) {
      this.#pieces[this.#pieces.length - 1] = last + line;
      this.#lastBytes += bytes;
    } else {
      this.#pieces.push(line);
      this.#lastBytes = bytes;
    }
    this.#writeNext();
  }

  /** Writes what waits before it returns, as far as that goes: for the end of the process, and for its last words. */
  flushSync(): void {
    let triesLeft = LAST_TRIES;
    for (let piece = this.#take(); piece && triesLeft > 0; piece = this.#take()) {
      try {
        this.#wrote(piece, writeSync(this.#fd, piece));
      } catch (error) {
        this.#pieces.unshift(piece);
        if (!isSlow(error)) return;
        triesLeft -= 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }

  #take(): Buffer | undefined {
    const next = this.#pieces.shift();
    return typeof next === "string" ? Buffer.from(next) : next;
  }

  #wrote(piece: Buffer, bytes: number): void {
    this.#waiting -= bytes;
    if (bytes < piece.length) this.#pieces.unshift(piece.subarray(bytes));
  }

  #writeNext(): void {
    if (this.#isBusy) return;
    const piece = this.#take();
    if (!piece) return;
    this.#isBusy = true;
    write(this.#fd, piece, (error, bytes) => {
      if (error) {
        this.#pieces.unshift(piece);
        this.#fail(error);
        return;
      }
      this.#isBusy = false;
      this.#wrote(piece, bytes);
      this.#tellLost();
      this.#writeNext();
    });
  }

  #fail({ code }: NodeJS.ErrnoException): void {
    if (code === "EPIPE" || code === "EBADF") {
      // Whoever read it is gone for good.
      this.#isGone = true;
      this.#pieces.length = 0;
      return;
    }
    const again = setTimeout(() => {
      this.#isBusy = false;
      this.#writeNext();
    }, RETRY_MS);
    again.unref();
  }

  #tellLost(): void {
    if (this.#lost === 0) return;
    const lines = this.#lost;
    this.#lost = 0;
    this.#onLost(lines);
  }
}

function isSlow(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EAGAIN" || code === "EBUSY";
}
