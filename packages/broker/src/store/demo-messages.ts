import { execute, selectAll, type Verb } from "./verb.ts";

/** Messages the broker "sent" in demo mode, sealed; the newest `keep` stay. */
export function* saveDemoMessage(messageKey: string, sealed: Uint8Array, keep: number): Verb<void> {
  yield* execute("INSERT INTO demo_messages (message_key, sealed) VALUES (?, ?)", messageKey, sealed);
  yield* execute("DELETE FROM demo_messages WHERE seq <= (SELECT MAX(seq) FROM demo_messages) - ?", keep);
}

/** Newest first. */
export function* listDemoMessages(): Verb<{ sealed: Uint8Array; message_key: string }[]> {
  return yield* selectAll("SELECT message_key, sealed FROM demo_messages ORDER BY seq DESC");
}
