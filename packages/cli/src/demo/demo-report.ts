import type { Block } from "../block.ts";
import type { Style } from "../terminal/style.ts";

/** Something that happened. */
export interface DemoStep {
  /** Stable, for programs. */
  readonly name: string;
  readonly title: string;
  readonly detail?: string;
}

/** What a person is asked to do in their browser. */
export interface DemoInvitation {
  readonly dialogUrl: string;
  /** What to type, in the order of the pages. */
  readonly facts: (style: Style) => readonly (readonly string[])[];
}

/** Whom one can log in as: a row each. */
export interface DemoPeople {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Where to look while the broker stays up. */
export interface DemoExplore {
  readonly url: string;
  readonly people: DemoPeople;
}

/** Tells a login as it happens. */
export interface DemoReport {
  /** @param notice something to know beforehand, such as a clock that was set */
  readonly start: (headline: string, notice?: string) => void;
  readonly step: (step: DemoStep) => void;
  readonly invite: (invitation: DemoInvitation) => void;
  readonly show: (block: Block) => void;
  /** The last word. */
  readonly end: (explore?: DemoExplore) => void;
}
