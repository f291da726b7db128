import type { Verb } from "../verb.ts";

/** A write that somebody waits for. */
export interface WaitingWrite {
  readonly verb: () => Verb<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
