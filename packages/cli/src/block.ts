import type { Style } from "./terminal/style.ts";

/** Something to look at: a session, a profile, funds. */
export interface Block {
  /** Stable, for programs. */
  readonly name: string;
  readonly title: string;
  /** For programs. Holds no whole token. */
  readonly data: unknown;
  /** For people, indented by four. */
  readonly text: (style: Style) => string;
}
