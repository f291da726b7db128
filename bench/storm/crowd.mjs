// The process of the customers: their phones (an SMS gateway), their browsers, the app, and the ledger.
import { setMaxListeners } from "node:events";
import { Pool } from "undici";
import { answerParent } from "../harness/child-calls.mjs";
import { latencies } from "../harness/latencies.mjs";
import { arrivalTimes } from "./arrivals.mjs";
import { simulateCustomer } from "./customer.mjs";
import { openLedger } from "./ledger.mjs";
import { startSmsGateway } from "./sms-gateway.mjs";
import { openTimeline } from "./timeline.mjs";

/** Connections to each replica: as a proxy in front of it would hold. */
const CONNECTIONS = 256;
/** Every so many-th customer tries the code a second time, and then has to log in again. */
const REPLAY_EVERY = 20;
const MOST_LOGINS = 5;

let gateway;
let market;
let pools;
let timeline;
let ledger;
let people;

answerParent({
  /** @returns where the broker is to post its messages */
  async start() {
    gateway = await startSmsGateway();
    return { gateway: gateway.url };
  },
  /** Says where the broker's replicas are; once more after one has moved. */
  async meet({ ports, host, app, customers }) {
    await Promise.all((pools ?? []).map((pool) => pool.close()));
    pools = ports.map(openPool);
    market = { app, host, pools, gateway, onRefusal: (status) => timeline?.refused(status) };
    people = customers.map((person, index) => ({ ...person, index }));
  },
  storm,
  progress: () => ({ ...timeline.totals, p99: timeline.recent(5) }),
  logins,
  cpu: () => process.cpuUsage(),
  /** Presents every token the ledger holds. */
  check: async () => ({
    ...(await ledger.check(people, (person, token) => simulateCustomer(market, person).accepts(token))),
    faults: ledger.faults,
  }),
});

function openPool(port) {
  return new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  });
}

/** Everybody comes at their time, and stays until they are logged in or `giveUpAfter` seconds have passed. */
async function storm({ seconds, slices, giveUpAfter }) {
  ledger = openLedger();
  timeline = openTimeline((seconds * 1000) / slices);
  const start = performance.now();
  const times = arrivalTimes(people.length);
  const signal = AbortSignal.timeout(giveUpAfter * 1000);
  // Everybody who waits listens to it.
  setMaxListeners(0, signal);
  market.signal = signal;
  const morning = async (person) => {
    const plannedAt = start + times[person.index] * seconds * 1000;
    await new Promise((resolve) => setTimeout(resolve, plannedAt - performance.now()));
    timeline.arrived();
    try {
      await logInOnce(person, plannedAt);
    } catch (error) {
      ledger.fault(signal.aborted ? "a customer was not logged in when the time was up" : error.message);
    }
  };
  await Promise.all(people.map(morning));
  market.signal = undefined;
  return {
    seconds: (performance.now() - start) / 1000,
    slices: timeline.slices(),
    totals: timeline.totals,
    latency: { ...timeline.all.summary(), p95: timeline.all.at(95) },
    counts: ledger.counts,
  };
}

async function logInOnce(person, plannedAt) {
  const customer = simulateCustomer(market, person);
  const isReplayer = person.index % REPLAY_EVERY === REPLAY_EVERY - 1;
  let { code, token } = await obtainToken(person, customer);
  if (!(await customer.accepts(token))) throw new Error("the profile does not accept a token that was just issued");
  timeline.completed(performance.now() - plannedAt);
  if (!isReplayer) return;
  ledger.replayed(person, token, await customer.exchange(code));
  ({ code, token } = await obtainToken(person, customer));
  if (!(await customer.accepts(token))) throw new Error("the profile does not accept a token of a second login");
}

/**
 * Logs in and exchanges. An exchange that was refused is sent again by the browser; when its answer got lost, nobody
 * knows whether the code is spent, and the customer logs in again, as the broker's documentation says.
 */
async function obtainToken(person, customer) {
  for (let tries = 1; ; tries++) {
    const code = await customer.logIn();
    ledger.gotCode(code);
    const answer = await customer.exchange(code).catch((error) => ({ error }));
    if (answer.status === 200) {
      const token = JSON.parse(answer.text).access_token;
      ledger.gotToken(person, token);
      return { code, token };
    }
    if (answer.error) ledger.counts.unanswered++;
    if (tries === MOST_LOGINS || market.signal?.aborted) throw answer.error ?? new Error(`exchange: ${answer.status}`);
    ledger.counts.retriedLogins++;
  }
}

/** So many customers at a time log in through all pages, one login after the other. @returns logins and milliseconds */
async function logins({ seconds, atOnce }) {
  const times = latencies();
  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  const one = async () => {
    while (performance.now() < end) {
      const person = people[next++ % people.length];
      const startedAt = performance.now();
      await simulateCustomer(market, person).logIn();
      times.add(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const took = (performance.now() - start) / 1000;
  return { perSecond: times.count / took, seconds: took, latency: times.summary() };
}
