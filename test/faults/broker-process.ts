import { randomBytes } from "node:crypto";
import { Kunji, type KunjiOptions } from "../e2e/_kunji.ts";
import type { FaultStore } from "./fault-store.ts";

/** The broker key of every run: the database and its key are thrown away together. */
export const masterKey = randomBytes(32);

/** Limits that a load from one address would meet, and codes that live through a restart. */
export const loadSettings = {
  KUNJI_RATE_PER_SECOND: "1000000000",
  KUNJI_RATE_PER_MINUTE: "1000000000",
  KUNJI_RATE_PER_HALF_HOUR: "1000000000",
  KUNJI_CODE_LIFETIME: "600",
} as const;

/** What `serve --json` says, as far as it is used here. */
export interface BrokerLine {
  readonly url: string;
  readonly pid: number;
  readonly upstox: {
    readonly app: { readonly clientId: string; readonly clientSecret: string; readonly redirectUri: string };
    readonly customers: readonly { readonly userId: string }[];
  };
}

/** `kunji serve --demo` as it is shipped, in processes of its own. */
export interface BrokerProcess extends AsyncDisposable {
  readonly line: BrokerLine;
  readonly kunji: Kunji;
  /** SIGKILL to the process that was started. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

export interface BrokerProcessOptions extends Pick<KunjiOptions, "fileBlocks" | "under"> {
  readonly store: Pick<FaultStore, "url">;
  readonly workers?: number;
}

export async function startBrokerProcess(options: BrokerProcessOptions): Promise<BrokerProcess> {
  const { store, workers = 1, ...more } = options;
  const words = ["serve", "--demo", "--customers", "2", "--port", "0", "--json", "--workers", String(workers)];
  const kunji = new Kunji(words.concat("--database", store.url), {
    ...more,
    env: { ...loadSettings, KUNJI_KEY: masterKey.toString("hex"), KUNJI_LOG_LEVEL: "warn" },
  });
  const line = JSON.parse(await kunji.says("\n")) as BrokerLine;
  return {
    line,
    kunji,
    async kill() {
      kunji.kill("SIGKILL");
      await kunji.ended;
    },
    [Symbol.asyncDispose]: () => kunji[Symbol.asyncDispose](),
  };
}
