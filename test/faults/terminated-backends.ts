import { randomInt } from "node:crypto";
import pg from "pg";
import { brokerClient } from "./broker-client.ts";
import { startBrokerProcess } from "./broker-process.ts";
import { type Fault, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 250;
const TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kunji-broker'";

/** Every connection of the broker is cut, some in the middle of COMMIT: no code works twice, and work goes on (S-121). */
export const terminatedBackends: Fault = {
  about: "pg_terminate_backend under load",
  stores: ["postgres"],
  async run({ rounds, store, say }) {
    const ledger = new Ledger();
    const admin = new pg.Client(store.url);
    await admin.connect();
    try {
      await withResource(startBrokerProcess({ store }), async ({ line }) => {
        for (let round = 1; round <= rounds; round++) {
          const cuts: Promise<unknown>[] = [];
          let next = randomInt(1, 30);
          const result = await exchangeAll({
            client: brokerClient(line),
            ledger,
            codes: await mintCodes(store, line, CODES),

            onAnswer(answers) {
              if (answers < next) return;
              next = answers + randomInt(10, 60);
              cuts.push(admin.query(TERMINATE));
            },
          });
          await Promise.all(cuts);
          say(`round ${round}: ${cuts.length} cuts; ${describeLoad(result)}`);
          require(result.unanswered + result.refused === 0, "the broker left calls without an answer");
          requireAnswers(result, [503]);
          // A lost connection is made anew at once; nothing may have to wait for a restart of the broker (S-122).
          require((result.statuses.get(200) ?? 0) > CODES / 2, "most calls failed");
        }
        await settle(store, line, ledger);
      });
    } finally {
      await admin.end();
    }
  },
};
