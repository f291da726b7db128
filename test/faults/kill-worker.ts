import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { brokerClient, CONNECTIONS } from "./broker-client.ts";
import { type BrokerLine, startBrokerProcess } from "./broker-process.ts";
import { type Fault, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 150;
const WORKERS = 2;

/** One worker of several is killed under load: the others go on, and another one takes its place (S-116). */
export const killWorker: Fault = {
  about: "kill -9 of one worker of kunji serve --workers 2 under load",
  stores: ["sqlite", "postgres"],
  async run({ rounds, store, say }) {
    const ledger = new Ledger();
    await withResource(startBrokerProcess({ store, workers: WORKERS }), async ({ line }) => {
      for (let round = 1; round <= rounds; round++) {
        const [victim] = await childrenOf(line.pid);
        // Not a default: 0 would be this process's own group.
        if (victim === undefined) throw new Error("there are no workers");
        const dieAt = randomInt(1, CODES);
        const result = await exchangeAll({
          client: brokerClient(line),
          ledger,
          codes: await mintCodes(store, line, CODES),

          onAnswer: (answers) => answers === dieAt && process.kill(victim, "SIGKILL"),
        });
        say(`round ${round}: ${describeLoad(result)}`);
        requireAnswers(result);
        require(result.refused === 0, "a connection was refused while another worker lived");
        // What the victim had, and what was handed to it before the parent knew.
        require(result.unanswered <= 2 * CONNECTIONS, `${result.unanswered} calls were left without an answer`);
        await untilReplaced(line, victim);
      }
      require(ledger.given > rounds, "the load was given no tokens to lose");
      await settle(store, line, ledger);
    });
  },
};

/** Until another worker answers in its place: a process alone does not take connections yet. */
async function untilReplaced({ url, pid }: BrokerLine, victim: number): Promise<void> {
  const isReplaced = async () =>
    !(await childrenOf(pid)).includes(victim) &&
    (await (await fetch(`${url}/metrics`)).text()).includes(`\nkunji_workers_ready ${WORKERS}\n`);
  while (!(await isReplaced())) await sleep(50);
}

/** The worker processes of a parent. */
async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}
