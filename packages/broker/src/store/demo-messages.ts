import { execute, selectAll, type Verb } from "./verb.ts";

/** Messages the broker "sent" in demo mode, sealed; the newest few hundred are kept. */
export function* saveDemoMessage(messageKey: string, sealed: Uint8Array, sentAt: number, keep: number): Verb<void> {
  yield* execute("INSERT INTO demo_messages (message_key, sealed, sent_at) VALUES (?, ?, ?)", messageKey, sealed, sentAt);
  yield* execute(
    `DELETE FROM demo_messages WHERE message_key <
       (SELECT message_key FROM demo_messages ORDER BY message_key DESC LIMIT 1 OFFSET ?)`,
    keep,
  );
}

/** Newest first. */
export function* listDemoMessages(): Verb<{ sealed: Uint8Array; message_key: string }[]> {
  return yield* selectAll("SELECT message_key, sealed FROM demo_messages ORDER BY message_key DESC");
}
