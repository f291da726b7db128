import type { Clock } from "./clock.ts";
import type { BrokerKeys } from "./crypto/broker-keys.ts";
import type { PinHasher } from "./crypto/password-hash.ts";
import type { Randomness } from "./crypto/random.ts";
import type { Settings } from "./settings.ts";
import type { Database } from "./store/database.ts";

/** What grants and login steps need of the world, handed in so that a test can replace each. Never changes. */
export interface BrokerParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly keys: BrokerKeys;
  readonly hasher: PinHasher;
  readonly settings: Settings;
}
