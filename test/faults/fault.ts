import type { FaultStore } from "./fault-store.ts";

/** How long and on what a fault is tried. */
export interface FaultOptions {
  readonly rounds: number;
  readonly store: FaultStore;
  /** Tells whoever watches how it goes. */
  readonly say: (text: string) => void;
}

/** One kind of trouble. Rejects with an `Error` that says what was lost, revived or done twice. */
export interface Fault {
  readonly about: string;
  /** Which databases it can happen to. */
  readonly stores: readonly FaultStore["engine"][];
  readonly run: (options: FaultOptions) => Promise<void>;
}

/** Fails a run. Called where a promise of the broker was broken, and nowhere else. */
export function require(holds: boolean, broken: string): asserts holds {
  if (!holds) throw new Error(broken);
}
