import type { BrokerParts } from "./parts.ts";
import type { Verb } from "./store/verb.ts";

/** The addresses a person registered for orders. */
export interface RegisteredIps {
  readonly primary: string;
  readonly secondary: string | null;
  /** When either changed last, epoch milliseconds. */
  readonly changedAt: number;
}

export type StaticIpOutcome =
  | { readonly outcome: "changed" }
  /** `problem` is a sentence for the person. */
  | { readonly outcome: "refused"; readonly problem: string; readonly field: "primary_ip" | "secondary_ip" };

/** What a broker says about addresses that people register for orders at their account. */
export interface StaticIpRules {
  readonly find: (accountId: string) => Verb<RegisteredIps | undefined>;
  /**
   * Replaces them, in the transaction of whatever proves that it is the person.
   * @param wanted as typed; an empty `secondary` is none
   */
  readonly replace: (
    parts: Pick<BrokerParts, "keys">,
    accountId: string,
    wanted: { readonly primary: string; readonly secondary: string },
    now: number,
  ) => Verb<StaticIpOutcome>;
  /** What a change brings with it, for the page that offers it. */
  readonly consequences: string;
}
