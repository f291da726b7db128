import type { BrokerParts } from "../../src/parts.ts";
import type { Verb } from "../../src/store/verb.ts";

/** What the broker did for a request: SQL statements in order, durable transactions, and PIN checks. */
export interface Work {
  statements: string[];
  commits: number;
  pinChecks: number;
}

/**
 * Watches what a broker does. Equal work is what keeps response times equal (S-43); unlike a stopwatch it says the same
 * on a busy machine.
 */
export function watchWork(parts: BrokerParts): { since: () => Work } {
  let work: Work = { statements: [], commits: 0, pinChecks: 0 };
  const { db, hasher } = parts;
  const read = db.read.bind(db);
  const write = db.write.bind(db);
  function* noting<T>(verb: () => Verb<T>, isWrite: boolean): Verb<T> {
    const statements: string[] = [];
    const inner = verb();
    let step = inner.next();
    while (!step.done) {
      const what = "text" in step.value ? step.value.text : "an audit row";
      statements.push(what.replaceAll(/\s+/g, " "));
      step = inner.next(yield step.value);
    }
    // The demo inbox is written after the answer, and only for numbers that somebody has.
    if (statements.some((text) => text.includes("demo_messages"))) return step.value;
    work.statements.push(...statements);
    if (isWrite) work.commits += 1;
    return step.value;
  }
  db.read = (verb) => read(() => noting(verb, false));
  db.write = (verb) => write(() => noting(verb, true));
  const verify = hasher.verify.bind(hasher);
  hasher.verify = (stored, pin) => {
    work.pinChecks += 1;
    return verify(stored, pin);
  };
  return {
    /** The work since the last call. */
    since() {
      const done = work;
      work = { statements: [], commits: 0, pinChecks: 0 };
      return done;
    },
  };
}
