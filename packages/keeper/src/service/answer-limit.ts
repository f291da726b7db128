/**
 * How long a caller waits for the service. A service that stands still (a stopped process, a machine that swaps) keeps
 * its socket open and says nothing: without a limit its callers would stand still with it.
 */
import { withFirstEnd } from "../first-end.ts";
import { KeeperError } from "../keeper-error.ts";

/** A time limit that can start anew. */
export class AnswerLimit {
  readonly #seconds: number;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** It runs from now on. */
  constructor(seconds: number) {
    this.#seconds = seconds;
    this.renew();
  }

  /** Ends when the time is over, for a KeeperError `SERVICE_UNREACHABLE`. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  renew(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#end.abort(noAnswer(this.#seconds)), this.#seconds * 1000);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Runs a call that ends when its time is over or its caller gives up.
 * @throws KeeperError `SERVICE_UNREACHABLE`, the signal's reason, or what the work throws
 */
export async function withAnswerLimit<T>(
  seconds: number,
  signal: AbortSignal | undefined,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AnswerLimit(seconds);
  const ends = signal === undefined ? [limit.signal] : [signal, limit.signal];
  try {
    return await withFirstEnd(ends, async (until) => {
      try {
        return await work(until);
      } catch (error) {
        // What a connection says that was cut off on purpose is not the reason.
        until.throwIfAborted();
        throw error;
      }
    });
  } finally {
    limit.stop();
  }
}

/** @throws TypeError on a time that makes no sense */
export function requireSeconds(seconds: number, name: string): number {
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new TypeError(`${name} is a number of seconds, more than 0 and at most 86400`);
}

function noAnswer(seconds: number): KeeperError {
  return new KeeperError("SERVICE_UNREACHABLE", `the keeper's service gave no answer within ${seconds} s`, {
    nextStep: "It may stand still or be overloaded: look at its log, and start it again if need be: kunji keep",
  });
}
