import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { brokerClient, CONNECTIONS } from "./broker-client.ts";
import { type BrokerProcessOptions, startBrokerProcess } from "./broker-process.ts";
import { type Fault, type FaultOptions, require } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { describeLoad, exchangeAll, type LoadResult, requireAnswers } from "./load.ts";
import { mintCodes, settle } from "./mint.ts";
import { withResource } from "./with-resource.ts";

const CODES = 400;

/** No file may grow beyond a limit: the disk is full. The process says 503, writes nothing more and ends (S-119). */
export const diskFull: Fault = {
  about: "a disk that gets full under load",
  stores: ["sqlite"],
  run: (options) => hurtDisk(options, (round) => ({ fileBlocks: 1_300 + 20 * (round % 10) })),
};

/** An fsync fails. It is never tried again: what the kernel has dropped, a second one would call written (S-119). */
export const failedFsync: Fault = {
  about: "an fsync that fails under load",
  stores: ["sqlite"],
  async run(options) {
    if (canInject())
      return await hurtDisk(options, () => ({ under: [...STRACE, inject(randomInt(...AMID_THE_LOAD))] }));
    options.say("no strace here, or it may not trace: a file that cannot grow fails the same commits");
    await diskFull.run(options);
  },
};

/**
 * The first fsync that fails. A start on a file that exists takes fewer; the load takes more, also when every commit holds
 * an exchange of each connection.
 */
const AMID_THE_LOAD = [10, 1 + Math.floor(CODES / CONNECTIONS)] as const;

const STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];

/** From so many on every fsync fails, since a broken disk stays broken. */
function inject(from: number): string {
  return `--inject=fsync,fdatasync:error=EIO:when=${from}+`;
}

function canInject(): boolean {
  const { status } = spawnSync(STRACE[0] ?? "", [...STRACE.slice(1), inject(1_000), process.execPath, "--version"]);
  return status === 0;
}

async function hurtDisk(
  { rounds, store, say }: FaultOptions,
  hurt: (round: number) => Pick<BrokerProcessOptions, "fileBlocks" | "under">,
): Promise<void> {
  const ledger = new Ledger();
  // Codes are made while the disk is well, by a broker that is not hurt.
  const healthy = await withResource(startBrokerProcess({ store }), async ({ line }) => line);
  for (let round = 1; round <= rounds; round++) {
    const codes = await mintCodes(store, healthy, CODES);
    await withResource(startBrokerProcess({ store, ...hurt(round) }), async ({ line, kunji }) => {
      const client = brokerClient(line);
      const result = await exchangeAll({ client, ledger, codes });
      say(`round ${round}: ${describeLoad(result)}`);
      requireHonest(result);
      const { code, stderr } = await kunji.ended;
      require(code === 1, `the broker ended with ${code}: ${stderr}`);
      require(stderr.split("the store failed; nothing more is written").length === 2, "the failure is not told once");
    });
  }
  await withResource(startBrokerProcess({ store }), ({ line }) => settle(store, line, ledger));
}

/** Whatever could not be written was answered 503; after that the process is gone. */
function requireHonest(result: LoadResult): void {
  const { statuses, unanswered } = result;
  requireAnswers(result, [503]);
  require((statuses.get(503) ?? 0) > 0, "the disk never failed");
  require(unanswered === 0, `${unanswered} calls were left without an answer`);
}
