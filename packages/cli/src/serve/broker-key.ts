import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { CommandError, exitCodes } from "../command-error.ts";
import type { BrokerModule, ServePlan } from "./serve-plan.ts";

/**
 * The broker key: KUNJI_KEY, else the file KUNJI_KEY_FILE names, else a file beside the database, made when there is
 * none. A database in memory needs none that lasts. Demo data is public, and so is the key of a demo on Postgres.
 * @param say tells the operator that a key file was made
 * @throws CommandError when the key cannot be read, or was lost while its database was not
 */
export function loadBrokerKey(
  plan: Pick<ServePlan, "database" | "settings"> & Partial<Pick<ServePlan, "demo">>,
  broker: BrokerModule,
  say: (text: string) => void,
): Buffer {
  const { KUNJI_KEY, KUNJI_KEY_FILE } = plan.settings;
  const databasePath = broker.sqlitePath(plan.database);
  const random = broker.systemRandomness();
  try {
    if (KUNJI_KEY !== "") return broker.readMasterKey(KUNJI_KEY);
    const path = KUNJI_KEY_FILE || (databasePath && `${databasePath}.key`);
    if (!path && plan.demo && plan.database !== "sqlite::memory:") {
      say("This demo on Postgres has the public demo key, so that several can share it: keep no real secret in it.");
      return demoKey();
    }
    if (!path && plan.database !== "sqlite::memory:") {
      throw new TypeError("set KUNJI_KEY or KUNJI_KEY_FILE, since a Postgres database has no file for it beside it");
    }
    if (!path) return Buffer.from(random.bytes(32));
    if (databasePath && !existsSync(path) && isFilled(databasePath)) {
      // A new key would fit nothing that is stored, and look like the right one from then on.
      throw new TypeError(`the database ${databasePath} exists, but its key file ${path} does not: put it back`);
    }
    const { master, created } = broker.loadOrCreateKeyFile(path, random);
    if (created)
      say(`Made the broker key ${path}. Keep a copy away from the database: one is of no use without the other.`);
    return master;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isUsage = error instanceof TypeError;
    throw new CommandError(isUsage ? exitCodes.usedWrongly : exitCodes.failed, `The broker key: ${message}.`, {
      cause: error,
    });
  }
}

/** The same for everybody, like the demo people and their secrets. */
function demoKey(): Buffer {
  return createHash("sha256").update("the broker key of demos on Postgres, which is no secret").digest();
}

function isFilled(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}
