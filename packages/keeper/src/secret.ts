import { inspect } from "node:util";

/**
 * A text that must not be seen by chance: printing, inspecting or serialising it shows a short prefix (S-73).
 * Whoever really needs it calls `reveal()`, which stands out in review.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Four characters of a long one, nothing of a short one: enough to tell two tokens apart. */
  toString(): string {
    return this.#text.length >= 24 ? `${this.#text.slice(0, 4)}…` : "…";
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return `Secret(${this.toString()})`;
  }
}
