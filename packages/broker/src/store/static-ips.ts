import { execute, selectOne, type Verb } from "./verb.ts";

/** The addresses a person registered for orders. */
export interface StoredStaticIps {
  readonly account_id: string;
  readonly primary_ip: string;
  readonly secondary_ip: string | null;
  readonly primary_updated_at: number;
  readonly secondary_updated_at: number | null;
  /** IST calendar week of the last change. */
  readonly changed_week: number;
  readonly version: number;
}

export function* findStaticIps(accountId: string): Verb<StoredStaticIps | undefined> {
  return yield* selectOne<StoredStaticIps>("SELECT * FROM static_ips WHERE account_id = ?", accountId);
}

/** Stores new addresses if nobody else did since `ips.version - 1` was read. @returns false when somebody did */
export function* saveStaticIps(ips: StoredStaticIps): Verb<boolean> {
  if (ips.version === 1) {
    const inserted = yield* execute(
      `INSERT INTO static_ips (account_id, primary_ip, secondary_ip, primary_updated_at, secondary_updated_at,
         changed_week, version) VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (account_id) DO NOTHING`,
      ips.account_id,
      ips.primary_ip,
      ips.secondary_ip,
      ips.primary_updated_at,
      ips.secondary_updated_at,
      ips.changed_week,
    );
    return inserted === 1;
  }
  const changed = yield* execute(
    `UPDATE static_ips SET primary_ip = ?, secondary_ip = ?, primary_updated_at = ?, secondary_updated_at = ?,
       changed_week = ?, version = ? WHERE account_id = ? AND version = ?`,
    ips.primary_ip,
    ips.secondary_ip,
    ips.primary_updated_at,
    ips.secondary_updated_at,
    ips.changed_week,
    ips.version,
    ips.account_id,
    ips.version - 1,
  );
  return changed === 1;
}
