import { setTimeout as sleep } from "node:timers/promises";
import { brokerClient } from "./broker-client.ts";
import { startBrokerProcess } from "./broker-process.ts";
import { type Fault, type FaultOptions, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 250;
const MOST_RECOVERY_MS = 10_000;
const AWAY_MS = 300;

/** Postgres ends under load, in order and as by a power cut, and comes back: the broker goes on by itself (S-121, S-122). */
export const postgresRestart: Fault = {
  about: "Postgres restarts and crashes under load",
  stores: ["postgres"],
  run: (options) => underLoad(options, postgresOf(options)),
};

async function underLoad(
  { rounds, store, say }: FaultOptions,
  postgres: Required<FaultOptions["store"]>["postgres"],
): Promise<void> {
  const ledger = new Ledger();
  await withResource(startBrokerProcess({ store }), async ({ line }) => {
    const client = brokerClient(line);
    for (let round = 1; round <= rounds; round++) {
      let away: Promise<number> | undefined;
      const result = await exchangeAll({
        client,
        ledger,
        codes: await mintCodes(store, line, CODES),

        onAnswer(answers) {
          if (answers === CODES / 5) away = goAway(round % 2 === 0 ? "stop" : "crash");
        },
      });
      const backAt = (await away) ?? 0;
      const recoveryMs = await untilReady(line.url, backAt);
      say(`round ${round}: ${describeLoad(result)}; ready ${Math.round(recoveryMs)} ms after Postgres`);
      require(result.unanswered + result.refused === 0, "the broker left calls without an answer");
      requireAnswers(result, [503]);
      require((result.statuses.get(503) ?? 0) > 0, "Postgres was never away");
      require(recoveryMs < MOST_RECOVERY_MS, `it took ${recoveryMs} ms until the broker was ready again`);
    }
    require(ledger.given > rounds, "the load was given no tokens to lose");
    await settle(store, line, ledger);
  });

  /** @returns when Postgres answered again */
  async function goAway(how: "stop" | "crash"): Promise<number> {
    await postgres[how]();
    await sleep(AWAY_MS);
    await postgres.start();
    return performance.now();
  }
}

/** @returns milliseconds from a moment until the broker takes work; 0 when it did before */
async function untilReady(url: string, since: number): Promise<number> {
  while ((await fetch(`${url}/health/ready`)).status !== 200) await sleep(20);
  return Math.max(0, performance.now() - since);
}

function postgresOf({ store }: FaultOptions) {
  if (!store.postgres) throw new TypeError("this fault is Postgres' own");
  return store.postgres;
}
