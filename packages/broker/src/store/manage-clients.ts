import { execute, type Verb } from "./verb.ts";

export function* replaceClientName(clientId: string, name: string): Verb<void> {
  yield* execute("UPDATE clients SET name = ? WHERE client_id = ?", name, clientId);
}

/** @param accountId null: the app is nobody's */
export function* replaceClientOwner(clientId: string, accountId: string | null): Verb<void> {
  yield* execute("UPDATE clients SET owner_account = ? WHERE client_id = ?", accountId, clientId);
}
