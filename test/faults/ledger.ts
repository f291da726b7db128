import type { BrokerClient } from "./broker-client.ts";
import { require } from "./fault.ts";

const AT_ONCE = 16;

/** What the client knows of a code that it presented once. */
interface Entry {
  /** Undefined: no answer came, or one that says that nobody knows. */
  token: string | undefined;
  /** A logout was sent, and answered. */
  logout: "none" | "sent" | "confirmed";
}

/**
 * The client's own record of what the broker promised, kept outside of everything that gets hurt. An answer 200 is a
 * promise: the token lives until it is logged out, and the code is spent.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  /** A code is about to be presented. */
  presents(code: string): void {
    this.#entries.set(code, { token: undefined, logout: "none" });
  }

  got(code: string, token: string): void {
    const entry = this.#entries.get(code);
    if (entry) entry.token = token;
  }

  logsOut(code: string): void {
    const entry = this.#entries.get(code);
    if (entry) entry.logout = "sent";
  }

  loggedOut(code: string): void {
    const entry = this.#entries.get(code);
    if (entry) entry.logout = "confirmed";
  }

  /** Tokens that were given so far. */
  get given(): number {
    return [...this.#entries.values()].filter(({ token }) => token !== undefined).length;
  }

  get presented(): number {
    return this.#entries.size;
  }

  /**
   * Holds a healthy broker to all of it. Spends and voids what is looked at, so it can be done once.
   * @throws Error that says which promise was broken
   */
  async settle(client: BrokerClient): Promise<void> {
    const broken: string[] = [];
    await eachOf([...this.#entries], async ([, { token, logout }]) => {
      if (token === undefined || logout === "sent") return;
      const status = await client.profile(token);
      if (logout === "none" && status !== 200) broken.push(`a token that was given is dead (${status})`);
      if (logout === "confirmed" && status !== 401) broken.push(`a token that was ended lives (${status})`);
    });
    await eachOf([...this.#entries], async ([code, { token }]) => {
      const [first, second] = [await client.exchange(code), await client.exchange(code)];
      // Without an answer nobody can know; if the code still works, it works once.
      if (first.status !== 200 && first.status !== 400) broken.push(`a code was answered ${first.status}`);
      if (token !== undefined && first.status !== 400) broken.push(`a spent code was answered ${first.status}`);
      if (second.status !== 400) broken.push(`a code that was presented three times was answered ${second.status}`);
    });
    this.#entries.clear();
    require(broken.length === 0, `${broken.length} promises broken: ${[...new Set(broken)].join("; ")}`);
  }
}

/** Some at a time, in order. */
export async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
