import { availableParallelism } from "node:os";
import { hash, type Options } from "@node-rs/argon2";
import { Overloaded } from "../overloaded.ts";
import { HashPool } from "./password-hash-pool.ts";

/** argon2id, 19 MiB, two passes: OWASP's first choice; about 8 ms of one core. */
export const PIN_HASH_COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * What demo customers are seeded with: their PINs are public anyway, and a thousand of them must not cost eight
 * seconds. The first login replaces it with a hash at full cost.
 */
export const DEMO_HASH_COST = { memoryCost: 8, timeCost: 1, parallelism: 1 } as const;

export type HashCost = { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };

export interface PinHasher {
  hash(pin: string): Promise<string>;
  /** One argon2 run at full cost, whatever comes of it; `rehash` is set when the stored hash was cheaper than today's cost. */
  verify(stored: string | undefined, pin: string): Promise<{ matches: boolean; rehash?: string }>;
  /** Hashes at another cost, for seeding demo data: on Node's thread pool, since so little work wants no thread of its own. */
  hashAt(cost: HashCost, pin: string): Promise<string>;
  /** Jobs running and waiting, for metrics. */
  readonly load: { running: number; waiting: number };
  /** Threads that hash; none until the first job. */
  readonly threads: number;
  /** Ends the threads. A job that is under way fails, and one that waits is refused. */
  close(): Promise<void>;
}

/** The queue before the hasher is full; the PIN was not looked at (S-124). */
export class HasherOverloaded extends Overloaded {
  override readonly name = "HasherOverloaded";

  constructor() {
    super("pin-checks", 1);
  }
}

/**
 * PIN and password hashing with a pepper outside the database (S-46). At most one job less than there are cores runs at
 * a time, on threads of its own, and the queue is bounded, so that a flood of PINs slows neither token checks nor file
 * and DNS work (S-125). A wider pool would be slower: 73 logins a second against 90 on two cores.
 */
export function createPinHasher(options: {
  pepper: Buffer;
  cost?: HashCost;
  maxWaiting?: number | undefined;
  /** Processes that hash on this machine, each its share; 1 by default. */
  processes?: number | undefined;
}): PinHasher {
  const cost = options.cost ?? PIN_HASH_COST;
  const maxWaiting = options.maxWaiting ?? 2_000;
  const width = Math.max(1, Math.floor((availableParallelism() - 1) / (options.processes ?? 1)));
  const waiting: { readonly begin: () => void; readonly refuse: (error: Error) => void }[] = [];
  const pool = new HashPool();
  let running = 0;

  const argonOptions = (at: HashCost): Options => ({ secret: options.pepper, ...at });
  const makeHash = async (pin: string) =>
    (await pool.run({ stored: undefined, pin, options: argonOptions(cost) })) as string;
  const compare = async (stored: string, pin: string) =>
    (await pool.run({ stored, pin, options: argonOptions(cost) })) as boolean;

  async function bounded<T>(job: () => Promise<T>): Promise<T> {
    if (running >= width) {
      if (waiting.length >= maxWaiting) throw new HasherOverloaded();
      await new Promise<void>((begin, refuse) => waiting.push({ begin, refuse }));
    } else {
      running++;
    }
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next) next.begin();
      else running--;
    }
  }

  return {
    hash: (pin) => bounded(() => makeHash(pin)),
    hashAt: (at, pin) => hash(pin, argonOptions(at)),
    verify: (stored, pin) =>
      bounded(async () => {
        if (stored !== undefined && isHashAt(stored, cost)) return { matches: await compare(stored, pin) };
        // No account, or a hash at another cost: the full cost is paid all the same (S-43).
        const fresh = await makeHash(pin);
        const matches = stored !== undefined && (await compare(stored, pin));
        return matches ? { matches, rehash: fresh } : { matches };
      }),
    get load() {
      return { running, waiting: waiting.length };
    },
    get threads() {
      return pool.size;
    },
    async close() {
      // What waits would start threads anew, one job after the other, and hold the process up for seconds (S-115).
      for (const { refuse } of waiting.splice(0)) refuse(new HasherOverloaded());
      await pool.close();
    },
  };
}

function isHashAt(stored: string, cost: HashCost): boolean {
  return stored.startsWith(`$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`);
}
