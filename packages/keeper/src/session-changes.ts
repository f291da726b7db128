/**
 * How a stored session changes besides by a new token, each alone among everybody who shares the vault.
 */
import { isSameToken, readStored } from "./accept-token.ts";
import type { AccountId, Session } from "./account.ts";
import type { Secret } from "./secret.ts";
import { withSessionLock } from "./session-lock.ts";
import { type LoginFailure, type SessionRecord, sessionEntry, writeSessionRecord } from "./session-record.ts";
import type { Vault } from "./vault/vault.ts";

/** Whether the record holds this token, and as a living one as far as anybody knows. */
export function holdsToken({ session, isDead }: SessionRecord, token: Secret): boolean {
  return session !== undefined && !isDead && isSameToken(session.accessToken, token);
}

/** The broker refused this token. A newer one is left alone. */
export async function markDead(vault: Vault, id: AccountId, token: Secret): Promise<void> {
  await withSessionLock(vault, id, async () => {
    const record = await readStored(vault, id);
    if (!holdsToken(record, token)) return;
    await vault.write(sessionEntry(id), writeSessionRecord({ ...record, isDead: true }));
  });
}

/** A login without a person failed. */
export async function noteFailure(vault: Vault, id: AccountId, failure: LoginFailure): Promise<void> {
  await withSessionLock(vault, id, async () => {
    const record = await readStored(vault, id);
    await vault.write(sessionEntry(id), writeSessionRecord({ ...record, failure }));
  });
}

/** Forgets this session. A login that came in between is somebody else's wish, and stays. */
export async function forgetSession(vault: Vault, id: AccountId, { accessToken }: Session): Promise<void> {
  await withSessionLock(vault, id, async () => {
    const { session } = await readStored(vault, id);
    if (session !== undefined && isSameToken(session.accessToken, accessToken)) await vault.remove(sessionEntry(id));
  });
}
