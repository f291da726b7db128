import { randomBytes } from "node:crypto";
import { type Admin, openAdmin } from "../../src/admin/open-admin.ts";
import { SettableClock } from "../../src/clock.ts";
import type { BrokerParts } from "../../src/parts.ts";
import { selectAll } from "../../src/store/verb.ts";
import { MORNING } from "../upstox/_api.ts";

export interface TestAdmin {
  readonly admin: Admin;
  readonly parts: BrokerParts;
  readonly clock: SettableClock;
}

/** A database in memory, opened as an operator does; its clock stands at a weekday morning. */
export async function openTestAdmin(): Promise<TestAdmin> {
  const clock = new SettableClock();
  clock.freeze(MORNING);
  const admin = await openAdmin({ database: "sqlite::memory:", masterKey: randomBytes(32), create: true, clock });
  return { admin, parts: admin.parts, clock };
}

export interface AuditedEvent {
  readonly event: string;
  readonly client_id: string | null;
  readonly account_id: string | null;
  readonly detail: string;
}

export async function eventsOf({ db }: BrokerParts): Promise<AuditedEvent[]> {
  return await db.read(() =>
    selectAll<AuditedEvent>("SELECT event, client_id, account_id, detail FROM audit ORDER BY seq"),
  );
}
