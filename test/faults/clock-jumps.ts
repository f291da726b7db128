import { randomInt } from "node:crypto";
import { SettableClock } from "../../packages/broker/src/clock.ts";
import { DEMO_DEFAULTS } from "../../packages/broker/src/demo/demo.ts";
import { keepHouse } from "../../packages/broker/src/housekeeping.ts";
import { type RunningBroker, startServer } from "../../packages/broker/src/server.ts";
import { readSettings } from "../../packages/broker/src/settings.ts";
import { issueCode } from "../../packages/broker/test/upstox/_issue-code.ts";
import { type BrokerClient, brokerClient } from "./broker-client.ts";
import { loadSettings, masterKey } from "./broker-process.ts";
import { type Fault, type FaultOptions, require } from "./fault.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The system's clock jumps by hours, forward and back, while the broker runs and while it is down. Nothing that was over
 * lives again, and a clock that is plainly behind issues nothing (S-114).
 */
export const clockJumps: Fault = {
  about: "a system clock that jumps by hours",
  stores: ["sqlite", "postgres"],
  async run({ rounds, store, say }) {
    const clock = new SettableClock();
    clock.freeze(Date.now());
    for (let round = 1; round <= rounds; round++) {
      const backSeconds = randomInt(2 * MINUTE, 12 * HOUR);
      await withServer(store, clock, (server) => jumpWhileItRuns(server, clock, backSeconds));
      const [token, code] = await withServer(store, clock, (server) => outliveADay(server, clock));
      clock.advance(-backSeconds);
      await withServer(store, clock, async (server) => {
        const client = clientOf(server);
        require((await client.profile(token)) === 401, "a token that had expired before a restart lives again");
        require((await client.exchange(code)).status === 503, "a clock that was set back while it was down issues");
        require((await ready(server)) === 503, "a broker whose clock is behind says it is ready");
        clock.advance(backSeconds);
        require((await client.exchange(code)).status === 400, "a code that had expired works again");
        require((await ready(server)) === 200, "the clock is right again and the broker does not say so");
      });
      say(`round ${round}: back by ${Math.round(backSeconds / MINUTE)} minutes, running and stopped`);
      clock.advance(HOUR);
    }
  },
};

async function jumpWhileItRuns(server: RunningBroker, clock: SettableClock, backSeconds: number): Promise<void> {
  const client = clientOf(server);
  const [first, second, third] = await codes(server, 3);
  const { token = "" } = await client.exchange(first);
  require((await client.profile(token)) === 200, "a fresh token is refused");
  clock.advance(-backSeconds);
  require((await client.exchange(second)).status === 503, "a clock that is behind issues a token");
  require((await client.profile(token)) === 200, "a token is refused because the clock went back");
  clock.advance(backSeconds);
  require((await client.exchange(second)).status === 200, "a code was spent by an attempt that was refused with 503");
  clock.advance(Number(loadSettings.KUNJI_CODE_LIFETIME) + 1);
  require((await client.exchange(third)).status === 400, "a code outlives its lifetime");
  require((await client.logOut(token)) === 200, "a token cannot be logged out");
  clock.advance(-backSeconds);
  require((await client.profile(token)) === 401, "a token that was logged out lives again");
  clock.advance(backSeconds);
}

/** @returns a token and a code that were over when the server stopped */
async function outliveADay(server: RunningBroker, clock: SettableClock): Promise<readonly [string, string]> {
  const client = clientOf(server);
  const [used, unused] = await codes(server, 2);
  const { token = "" } = await client.exchange(used);
  clock.advance(DAY);
  require((await client.profile(token)) === 401, "a token outlives 03:30 of the next day");
  // What happens every minute: the time that was seen goes into the database.
  await keepHouse(server.parts);
  return [token, unused];
}

async function withServer<Result>(
  store: FaultOptions["store"],
  clock: SettableClock,
  work: (server: RunningBroker) => Promise<Result>,
): Promise<Result> {
  const server = await startServer({
    port: 0,
    host: "127.0.0.1",
    database: store.url,
    masterKey,
    settings: readSettings(loadSettings),
    demo: { ...DEMO_DEFAULTS, customers: 1 },
    clock,
  });
  try {
    return await work(server);
  } finally {
    await server.close(1_000);
  }
}

function clientOf(server: RunningBroker): BrokerClient {
  return brokerClient({ url: server.url, upstox: upstoxOf(server) });
}

function upstoxOf({ demo }: RunningBroker) {
  if (!demo) throw new Error("the server started without demo data");
  return demo.upstox;
}

async function codes(server: RunningBroker, count: 2): Promise<[string, string]>;
async function codes(server: RunningBroker, count: 3): Promise<[string, string, string]>;
async function codes(server: RunningBroker, count: number): Promise<string[]> {
  const issue = () => issueCode({ server, upstox: upstoxOf(server) });
  return await Promise.all(Array.from({ length: count }, issue));
}

async function ready({ url }: RunningBroker): Promise<number> {
  return (await fetch(`${url}/health/ready`)).status;
}
