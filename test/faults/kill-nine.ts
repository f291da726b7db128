import { randomInt } from "node:crypto";
import { brokerClient } from "./broker-client.ts";
import { startBrokerProcess } from "./broker-process.ts";
import { type Fault, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 150;

/** The broker is killed at a random moment among the answers, again and again (S-116, S-117). */
export const killNine: Fault = {
  about: "kill -9 of the broker under load",
  stores: ["sqlite", "postgres"],
  async run({ rounds, store, say }) {
    const ledger = new Ledger();
    for (let round = 1; round <= rounds; round++) {
      const result = await withResource(startBrokerProcess({ store }), async (broker) => {
        const dieAt = randomInt(1, CODES);
        let killed: Promise<void> | undefined;
        const result = await exchangeAll({
          client: brokerClient(broker.line),
          ledger,
          codes: await mintCodes(store, broker.line, CODES),

          onAnswer(answers) {
            // Not at an answer but somewhere within the work on the next ones.
            if (answers === dieAt) setTimeout(() => (killed = broker.kill()), randomInt(0, 5));
          },
          isOver: () => killed !== undefined,
        });
        await (killed ?? broker.kill());
        return result;
      });
      say(`round ${round}: ${describeLoad(result)}`);
      requireAnswers(result);
    }
    require(ledger.given >= rounds, "the load was given no tokens to lose");
    say(`${ledger.given} of ${ledger.presented} codes were answered with a token`);
    await withResource(startBrokerProcess({ store }), ({ line }) => settle(store, line, ledger));
  },
};
