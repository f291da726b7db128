import { type BrokerClient, CONNECTIONS, wasRefused } from "./broker-client.ts";
import { require } from "./fault.ts";
import type { Ledger } from "./ledger.ts";

/** Every so many tokens one is logged out again. */
const LOGOUT_EVERY = 5;

/** What came of a load, in numbers. */
export interface LoadResult {
  readonly statuses: ReadonlyMap<number, number>;
  /** Calls whose connection was refused. */
  refused: number;
  /** Calls that left and got no answer. */
  unanswered: number;
  /** What broke them, with milliseconds since the load began. */
  readonly breaks: string[];
  /** Milliseconds of each answered exchange. */
  readonly exchangeMs: number[];
}

export interface LoadOptions {
  readonly client: BrokerClient;
  readonly ledger: Ledger;
  readonly codes: readonly string[];
  /** Called after every answer with how many there were. */
  readonly onAnswer?: (answers: number) => void;
  /** Ends the load before the codes are used up. */
  readonly isOver?: () => boolean;
}

/**
 * Presents codes, looks with every token it gets and logs some of them out, and writes all of it down. Goes on after
 * calls that failed, with the next code.
 */
export async function exchangeAll(options: LoadOptions): Promise<LoadResult> {
  const { client, ledger, onAnswer = () => {}, isOver = () => false } = options;
  const codes = [...options.codes];
  const statuses = new Map<number, number>();
  const result: LoadResult = { statuses, refused: 0, unanswered: 0, breaks: [], exchangeMs: [] };
  const loadBegan = performance.now();
  let answers = 0;
  const answered = (status: number) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    answers += 1;
    onAnswer(answers);
  };

  const useCode = async (code: string) => {
    ledger.presents(code);
    const began = performance.now();
    const { status, token } = await client.exchange(code);
    result.exchangeMs.push(performance.now() - began);
    answered(status);
    if (token === undefined) return;
    ledger.got(code, token);
    answered(await client.profile(token));
    if (answers % LOGOUT_EVERY !== 0) return;
    ledger.logsOut(code);
    const ended = await client.logOut(token);
    answered(ended);
    if (ended === 200) ledger.loggedOut(code);
  };
  const lane = async () => {
    for (let code = codes.shift(); code !== undefined && !isOver(); code = codes.shift()) {
      try {
        await useCode(code);
      } catch (error) {
        if (wasRefused(error)) result.refused += 1;
        else {
          result.unanswered += 1;
          const { code, isNew } = error as NodeJS.ErrnoException & { isNew?: boolean };
          const connection = isNew ? "a new connection" : "a used connection";
          result.breaks.push(`${code} of ${connection} after ${Math.round(performance.now() - loadBegan)} ms`);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return result;
}

/**
 * Every code is presented once, to a broker that knows it, and each token is used until it is logged out: there is one
 * right answer. 400 would be a code that was spent by an exchange that nobody heard of, such as a blind second try (S-121),
 * 401 a token that was given and lost.
 * @param allowed statuses beside 200
 */
export function requireAnswers({ statuses }: LoadResult, allowed: readonly number[] = []): void {
  for (const status of statuses.keys()) {
    require(status === 200 || allowed.includes(status), `a call was answered ${status}`);
  }
}

/** A result in a line. */
export function describeLoad({ statuses, refused, unanswered, exchangeMs }: LoadResult): string {
  const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
  const sorted = exchangeMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return `${counted.join(", ")}, ${refused} refused, ${unanswered} unanswered; exchange p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}
