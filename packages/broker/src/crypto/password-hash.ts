import { availableParallelism } from "node:os";
import { hash, type Options, verify } from "@node-rs/argon2";

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
  /** Hashes at another cost, for seeding demo data. */
  hashAt(cost: HashCost, pin: string): Promise<string>;
  /** Jobs running and waiting, for metrics. */
  readonly load: { running: number; waiting: number };
}

/** Thrown when the queue before the hasher is full; answered 503 with Retry-After (S-124). */
export class HasherOverloaded extends Error {
  constructor() {
    super("too many PIN checks at once");
    this.name = "HasherOverloaded";
  }
}

/**
 * PIN and password hashing with a pepper outside the database (S-46). At most one job less than there are cores
 * runs at a time, and the queue is bounded, so that a flood of PINs slows neither token checks nor file and DNS
 * work on the shared thread pool (S-125).
 */
export function createPinHasher(options: { pepper: Buffer; cost?: HashCost; maxWaiting?: number }): PinHasher {
  const cost = options.cost ?? PIN_HASH_COST;
  const maxWaiting = options.maxWaiting ?? 2_000;
  const width = Math.max(1, availableParallelism() - 1);
  const waiting: (() => void)[] = [];
  let running = 0;

  const argonOptions = (at: HashCost): Options => ({ secret: options.pepper, ...at });

  async function bounded<T>(job: () => Promise<T>): Promise<T> {
    if (running >= width) {
      if (waiting.length >= maxWaiting) throw new HasherOverloaded();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next) next();
      else running--;
    }
  }

  return {
    hash: (pin) => bounded(() => hash(pin, argonOptions(cost))),
    hashAt: (at, pin) => hash(pin, argonOptions(at)),
    verify: (stored, pin) =>
      bounded(async () => {
        if (stored !== undefined && isHashAt(stored, cost))
          return { matches: await verify(stored, pin, argonOptions(cost)) };
        // No account, or a hash at another cost: the full cost is paid all the same (S-43).
        const fresh = await hash(pin, argonOptions(cost));
        const matches = stored !== undefined && (await verify(stored, pin, argonOptions(cost)));
        return matches ? { matches, rehash: fresh } : { matches };
      }),
    get load() {
      return { running, waiting: waiting.length };
    },
  };
}

function isHashAt(stored: string, cost: HashCost): boolean {
  return stored.startsWith(`$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`);
}
