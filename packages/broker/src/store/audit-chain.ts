import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import type { HmacKey } from "../crypto/hmac-key.ts";

/** A row as the database keeps it. */
export interface AuditRow {
  readonly seq: number;
  /** Epoch milliseconds, UTC. */
  readonly at: number;
  readonly event: string;
  readonly client_id: string | null;
  readonly account_id: string | null;
  /** JSON text, exactly as it was hashed. */
  readonly detail: string;
  readonly hash: Uint8Array;
}

/** What stands for "the row before" at the first row. */
export const GENESIS: Uint8Array = Buffer.alloc(32);

/** The hash of a row that follows another: under a key outside the database, so that nobody can make the chain anew. */
export function chainHash(key: HmacKey, previous: Uint8Array, row: Omit<AuditRow, "seq" | "hash">): Buffer {
  const fields = [row.at, row.event, row.client_id, row.account_id, row.detail];
  return keyedDigest(key, `${Buffer.from(previous).toString("base64")}\n${JSON.stringify(fields)}`);
}

/** How far the chain reached at some moment: its newest row. `seq` 0 before there was one. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** What is wrong with the audit rows, and where. */
export type AuditProblem =
  /** This row is not the one that was written there, or nothing was. */
  | { readonly kind: "edited"; readonly seq: number }
  /** This row was put between two that belong together. */
  | { readonly kind: "added"; readonly seq: number }
  /** Rows between these two are gone; 0 stands for the beginning. */
  | { readonly kind: "missing"; readonly after: number; readonly before: number }
  /** The newest rows are gone: the chain once reached `upTo`. */
  | { readonly kind: "cut-off"; readonly after: number; readonly upTo: number }
  /** The chain was cut off before this row and went on with others. */
  | { readonly kind: "replaced"; readonly seq: number };

/** What a walk over the whole chain found. */
export interface AuditFindings {
  readonly rows: number;
  /** The newest row. */
  readonly head: AuditHead;
  /** The first ones; see `problemCount`. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}

/** Enough to see what happened; a chain under another key would otherwise be one long list. */
const PROBLEMS_LISTED = 100;

/** A row that does not follow the one before it, until the next row tells why. */
interface Suspect {
  readonly index: number;
  readonly before: Uint8Array;
  readonly expected: Uint8Array;
}

/** Walks a chain row by row, oldest first, and remembers nothing but the last one (S-99). */
export class AuditWalk {
  readonly #key: HmacKey;
  readonly #heads: readonly AuditHead[];
  readonly #seen = new Set<AuditHead>();
  /** The newest row before each head, to say from where on rows are gone. */
  readonly #reached = new Map<AuditHead, number>();
  readonly #problems: AuditProblem[] = [];
  #problemCount = 0;
  #rows = 0;
  #last: AuditHead = { seq: 0, hash: GENESIS };
  #suspect: Suspect | undefined;

  /** @param heads heads of earlier moments; the chain must still go through each of them */
  constructor(key: HmacKey, heads: readonly AuditHead[] = []) {
    this.#key = key;
    this.#heads = heads.filter((head) => head.seq > 0);
  }

  take(row: AuditRow): void {
    const previous = this.#last;
    this.#rows += 1;
    for (const head of this.#heads) {
      if (row.seq < head.seq) this.#reached.set(head, row.seq);
      if (row.seq === head.seq) this.#meet(head, row);
    }
    this.#last = { seq: row.seq, hash: row.hash };
    const expected = chainHash(this.#key, previous.hash, row);
    if (equalDigests(expected, row.hash) || this.#clearsUp(row)) {
      this.#suspect = undefined;
      return;
    }
    const isGap = row.seq > previous.seq + 1;
    const index = this.#report(
      isGap ? { kind: "missing", after: previous.seq, before: row.seq } : { kind: "edited", seq: row.seq },
    );
    this.#suspect = { index, before: previous.hash, expected };
  }

  /** To be called after the newest row. */
  finish(): AuditFindings {
    for (const head of this.#heads) {
      if (this.#seen.has(head) || this.#isKnownGap(head.seq)) continue;
      this.#report({ kind: "cut-off", after: this.#reached.get(head) ?? 0, upTo: head.seq });
    }
    return { rows: this.#rows, head: this.#last, problems: this.#problems, problemCount: this.#problemCount };
  }

  #meet(head: AuditHead, row: AuditRow): void {
    this.#seen.add(head);
    if (!equalDigests(head.hash, row.hash)) this.#report({ kind: "replaced", seq: row.seq });
  }

  /** Whether this row shows that only the row before it was wrong: a changed hash, or a row too many. */
  #clearsUp(row: AuditRow): boolean {
    if (!this.#suspect) return false;
    const { index, before, expected } = this.#suspect;
    if (equalDigests(chainHash(this.#key, expected, row), row.hash)) return true;
    if (!equalDigests(chainHash(this.#key, before, row), row.hash)) return false;
    const problem = this.#problems[index];
    if (problem?.kind === "edited") this.#problems[index] = { kind: "added", seq: problem.seq };
    return true;
  }

  #isKnownGap(seq: number): boolean {
    return this.#problems.some((problem) => problem.kind === "missing" && problem.after < seq && seq < problem.before);
  }

  #report(problem: AuditProblem): number {
    this.#problemCount += 1;
    return this.#problems.length < PROBLEMS_LISTED ? this.#problems.push(problem) - 1 : -1;
  }
}
