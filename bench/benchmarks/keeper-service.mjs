// What a token costs a bot that asks `kunji keep`: over the Unix socket and over the loopback port, warm, one call at a
// time and with other bots asking meanwhile.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "@kunji/broker/testing";
import { connectKeeper } from "@kunji/keeper";
import { milliseconds } from "../harness/figures.mjs";
import { SERVER_CORE, startContender } from "../harness/processes.mjs";

const GOAL_MS = 5;
const CALLS_PER_SECOND = 1_000;
const BOTS = 16;

export async function measureKeeperService({ rounds, seconds }) {
  const home = await mkdtemp(join(tmpdir(), "kunji-bench-"));
  const broker = await startBroker();
  const service = startContender(new URL("../contenders/keeper-service.mjs", import.meta.url), SERVER_CORE);
  try {
    const { individualApp, customers } = broker.tradejini;
    const { password, totpSecret } = customers.find(({ clientCode }) => clientCode === individualApp.clientCode);
    const account = { clientId: individualApp.clientId, password, totpSecret, host: broker.url };
    const { socket, url, bearerFile } = await service.call("start", { home, account });
    const calls = Math.round((CALLS_PER_SECOND * seconds) / rounds);
    const doors = { "Unix socket": { socket }, "loopback with bearer": { url, bearerFile } };
    const times = {};
    for (const [door, address] of Object.entries(doors)) {
      for (const bots of [1, BOTS]) times[rowName(door, bots)] = await measureDoor(address, { rounds, calls, bots });
    }
    return {
      name: "keeper service, a warm token",
      rows: Object.entries(times).map(([name, found]) => ({
        door: name,
        "median ms": milliseconds(percentile(found, 50)),
        "p99 ms": milliseconds(percentile(found, 99)),
      })),
      // Many bots at once keep the service busy all the time: what they wait for is each other.
      goals: Object.keys(doors).map((door) => {
        const value = percentile(times[rowName(door, 1)], 99);
        return {
          what: `${door}, p99`,
          value,
          goal: `<= ${GOAL_MS} ms`,
          measured: milliseconds(value),
          met: value <= GOAL_MS,
        };
      }),
      runs: Object.fromEntries(Object.entries(times).map(([name, found]) => [name, found.length])),
    };
  } finally {
    await service.call("close");
    await service.stop();
    await broker.close();
    await rm(home, { recursive: true, force: true });
  }
}

const rowName = (door, bots) => `${door}, ${bots === 1 ? "one bot" : `${bots} bots`}`;

/** Milliseconds of single calls; the first round warms up. */
async function measureDoor(address, { rounds, calls, bots }) {
  const client = connectKeeper(address);
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const askOften = async () => {
      for (let call = 0; call < calls / bots; call++) {
        const start = performance.now();
        const { accessToken } = await client.token("tradejini");
        if (accessToken.reveal().length < 20) throw new Error("the answer was read wrongly");
        if (round > 0) times.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: bots }, askOften));
  }
  client.close();
  return times;
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}
