import { randomInt } from "node:crypto";
import { brokerClient } from "./broker-client.ts";
import { startBrokerProcess } from "./broker-process.ts";
import { type Fault, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 300;
const MOST_MS = 10_000;

/** SIGTERM under load: no request is left without an answer, and the broker is gone within ten seconds (S-115). */
export const stopUnderLoad: Fault = {
  about: "SIGTERM under load, of one process and of workers",
  stores: ["sqlite", "postgres"],
  async run({ rounds, store, say }) {
    const ledger = new Ledger();
    for (let round = 1; round <= rounds; round++) {
      const workers = round % 2 === 0 ? 1 : 2;
      await withResource(startBrokerProcess({ store, workers }), async ({ line, kunji }) => {
        const stopAt = randomInt(1, CODES);
        let stoppedAt = 0;
        const result = await exchangeAll({
          client: brokerClient(line),
          ledger,
          codes: await mintCodes(store, line, CODES),

          onAnswer(answers) {
            if (answers !== stopAt) return;
            stoppedAt = performance.now();
            kunji.kill("SIGTERM");
          },
        });
        const { code, stderr } = await kunji.ended;
        const tookMs = Math.round(performance.now() - stoppedAt);
        say(`round ${round}, ${workers} process(es): ${describeLoad(result)}; gone after ${tookMs} ms`);
        requireAnswers(result);
        require(result.unanswered ===
          0, `${result.unanswered} requests were left without an answer: ${result.breaks.join(", ")}`);
        require(result.refused > 0, "the load ended before the broker did: nothing was tried");
        require(code === 0, `the broker ended with ${code}: ${stderr}`);
        require(tookMs < MOST_MS, `the broker took ${tookMs} ms to stop`);
      });
    }
    await withResource(startBrokerProcess({ store }), ({ line }) => settle(store, line, ledger));
  },
};
