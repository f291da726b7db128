import { newRowKey } from "../crypto/row-key.ts";
import { open, seal } from "../crypto/sealed-box.ts";
import type { OutgoingMessage } from "../messages/message-sender.ts";
import type { BrokerParts } from "../parts.ts";
import { listDemoMessages, saveDemoMessage } from "../store/demo-messages.ts";

/** An entry of `/inbox.json` (design.md section 5). */
export interface InboxEntry {
  /** Mobile number, or e-mail address for e-mails. */
  readonly to: string;
  readonly kind: "sms" | "push" | "email";
  readonly text: string;
  readonly otp?: string;
  readonly link?: string;
  /** ISO 8601, UTC. */
  readonly sentAt: string;
}

/** Enough for a few hundred people logging in at once; each look opens them all. */
const KEPT = 500;

/** Keeps what the broker "sent", sealed: even in demo mode no code is readable in the database. */
export class DemoInbox {
  readonly #parts: BrokerParts;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  async keep(message: OutgoingMessage): Promise<void> {
    const { db, clock, random, keys } = this.#parts;
    const now = clock.now();
    const key = newRowKey(now, random);
    const entry: InboxEntry = {
      to: (message.kind === "email" ? message.to.email : message.to.mobile) ?? message.to.accountId,
      kind: message.kind,
      text: message.text,
      ...(message.otp === undefined ? {} : { otp: message.otp }),
      ...(message.link === undefined ? {} : { link: message.link }),
      sentAt: new Date(now).toISOString(),
    };
    const sealed = seal(keys.seal, JSON.stringify(entry), boxContext(key), (size) => random.bytes(size));
    await db.write(() => saveDemoMessage(key, sealed, KEPT));
  }

  /** Newest first. */
  async list(): Promise<InboxEntry[]> {
    const { db, keys } = this.#parts;
    const rows = await db.read(() => listDemoMessages());
    return rows.map((row) => {
      const text = open(keys.seal, Buffer.from(row.sealed), boxContext(row.message_key)).toString("utf8");
      return JSON.parse(text) as InboxEntry;
    });
  }
}

function boxContext(key: string): string {
  return `demo message:${key}`;
}
