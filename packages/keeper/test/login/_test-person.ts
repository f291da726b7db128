import type { Person } from "../../src/login/login-way.ts";

type Opened = Parameters<Person["openLogin"]>[0];
type Asked = Parameters<Person["awaitApproval"]>[0];

/** A person who notes what they are shown, and pastes what the test gives them. */
export class TestPerson implements Person {
  /** Resolves with what is shown first. */
  readonly opened: Promise<Opened>;
  readonly asked: Promise<Asked>;
  /** Why pasted addresses were refused. */
  readonly refusals: string[] = [];
  readonly pastedUrls: Person["pastedUrls"];
  isReading = false;
  #open: (login: Opened) => void = () => {};
  #ask: (request: Asked) => void = () => {};
  /** null: nothing more comes. */
  readonly #lines: (string | null)[] = [];
  #wake = () => {};

  /** @param options.canPaste whether there is a terminal to paste into */
  constructor({ canPaste = true } = {}) {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.asked = new Promise((resolve) => {
      this.#ask = resolve;
    });
    this.pastedUrls = canPaste ? (signal) => this.#read(signal) : undefined;
  }

  openLogin = (login: Opened) => this.#open(login);
  awaitApproval = (request: Asked) => this.#ask(request);
  refusedPaste = (why: string) => {
    this.refusals.push(why);
  };

  paste(...lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.#wake();
  }

  /** The terminal was closed. */
  endOfInput(): void {
    this.#lines.push(null);
    this.#wake();
  }

  async *#read(signal: AbortSignal): AsyncGenerator<string> {
    this.isReading = true;
    const stop = () => this.#wake();
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted) {
        if (this.#lines.length === 0) await this.#nextLine();
        const line = this.#lines.shift();
        if (line === null) return;
        if (line !== undefined) yield line;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.isReading = false;
    }
  }

  #nextLine(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
