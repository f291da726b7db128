import type { AuditLink, Statement, StatementResult, Step, Verb } from "../verb.ts";

/** How a verb ended. */
export type VerbEnd =
  | { readonly isOk: true; readonly value: unknown }
  | { readonly isOk: false; readonly error: unknown };

const NOTHING: StatementResult = { rows: [], changes: 1 };

/** A verb under way: it stands at a statement, or has ended. */
export class RunningVerb {
  /** The audit rows it has asked for so far. */
  readonly links: AuditLink[] = [];
  /** The statement it waits for. */
  statement: Statement | undefined;
  end: VerbEnd | undefined;
  /** Whether one of its statements may have changed something, so that its failure must be rolled back. */
  hasWritten = false;
  #verb: Verb<unknown> | undefined;

  constructor(verb: () => Verb<unknown>) {
    this.#go(() => {
      this.#verb = verb();
      return this.#verb.next();
    });
  }

  /** Goes on to its next statement with the result of the last one. */
  answer(result: StatementResult): void {
    if (this.statement && !this.statement.text.startsWith("SELECT")) this.hasWritten = true;
    this.#go(() => this.#next(result));
  }

  /** Ends it where it stands. What it has written is still there. */
  stop(error: unknown): void {
    this.statement = undefined;
    this.#fail(error);
  }

  #next(result: StatementResult): IteratorResult<Step, unknown> {
    if (!this.#verb) throw new TypeError("a verb that never began cannot go on");
    return this.#verb.next(result);
  }

  #go(next: () => IteratorResult<Step, unknown>): void {
    this.statement = undefined;
    try {
      let step = next();
      while (!step.done && !("text" in step.value)) {
        this.links.push(step.value);
        step = this.#next(NOTHING);
      }
      if (step.done) this.end = { isOk: true, value: step.value };
      else this.statement = step.value as Statement;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.end = { isOk: false, error };
    // It did not come to what it was to record.
    this.links.length = 0;
  }
}
