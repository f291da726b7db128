// npm run bench -- storm: the market opens. Thousands of customers log in through the pages between 08:30 and 09:15,
// squeezed into a few minutes; what was acknowledged must still be true after the broker was killed.
import { drawChart } from "../harness/chart.mjs";
import { milliseconds, whole } from "../harness/figures.mjs";
import { ANY_CORE } from "../harness/processes.mjs";
import { watchOthers } from "../harness/quiet-rounds.mjs";
import { CLOSES, clockText, OPENS, PEAK_TO_MEAN } from "../storm/arrivals.mjs";
import { meet, openMarket } from "./logins.mjs";
import { withPlace } from "./servers.mjs";

const MINUTES = 3;
/** Half of what two cores can do at the mean, about all of it at the peak. */
const CUSTOMERS = 6_000;
const SLICES = 90;
/** So many times the storm's length they try, then it has failed. */
const PATIENCE = 3;
const PROGRESS_MS = 1_000;
const DAY_MINUTES = CLOSES - OPENS;

export async function measureStorm({ minutes = MINUTES, customers = CUSTOMERS, database }) {
  const seconds = minutes * 60;
  return await withPlace(async (place) => {
    const store = await place.store(database);
    console.error(`  writing ${whole(customers)} demo customers ...`);
    // The limits are the default ones; each customer has an address of their own, said by a proxy that is trusted.
    const settings = { KUNJI_TRUSTED_PROXIES: "127.0.0.1" };
    const { crowd, broker, options } = await openMarket(place, { store, customers, asShipped: true, settings });
    const before = await broker.call("cpu");
    const databaseCpu = database === "postgres" ? (await place.postgres()).cpu : () => 0;
    const databaseBefore = databaseCpu();
    const others = watchOthers();
    await broker.call("watchLoop");
    const stopProgress = showProgress(crowd, customers, seconds);
    const storm = await crowd.call("storm", { seconds, slices: SLICES, giveUpAfter: seconds * PATIENCE });
    stopProgress();
    const othersTook = others();
    const after = await broker.call("cpu");
    const databaseSeconds = (databaseCpu() - databaseBefore) / 1e6;
    const loop = await broker.call("loopDelay");
    const { rss } = await broker.call("resources");
    console.error("  killing the broker, starting it again, presenting every token ...");
    await broker.kill();
    const again = await place.broker(store, ANY_CORE, options);
    await meet(crowd, [again]);
    const check = await crowd.call("check");
    const cpuSeconds = (after.user + after.system - before.user - before.system) / 1e6;
    return report({ storm, check, customers, seconds, database, cpuSeconds, databaseSeconds, loop, rss, othersTook });
  });
}

/** A live line on stderr; one a second where stderr is no terminal would be noise, so there it is one every ten. */
function showProgress(crowd, customers, seconds) {
  const start = performance.now();
  const isTerminal = process.stderr.isTTY;
  const show = async () => {
    const { arrived, completed, refused429, refused503, p99 } = await crowd.call("progress");
    const clock = clockText((performance.now() - start) / 1000 / seconds);
    const parts = [
      `  ${clock}  arrived ${whole(arrived)} of ${whole(customers)}`,
      `logged in ${whole(completed)}`,
      `on their way ${whole(arrived - completed)}`,
      `p99 ${whole(p99)} ms`,
      `refused ${whole(refused429)} x 429, ${whole(refused503)} x 503`,
    ];
    process.stderr.write(isTerminal ? `\r\x1b[2K${parts.join("  ")}` : `${parts.join("  ")}\n`);
  };
  const timer = setInterval(() => void show().catch(() => {}), isTerminal ? PROGRESS_MS : PROGRESS_MS * 10);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write("\n");
  };
}

function report({ storm, check, customers, seconds, database, cpuSeconds, databaseSeconds, loop, rss, othersTook }) {
  const { counts, latency, totals } = storm;
  const peak = (customers / seconds) * PEAK_TO_MEAN;
  const row = (what, measured) => ({ what, measured });
  const zero = (what, value, met = value === 0) => ({ what, goal: "0", measured: whole(value), value, met });
  const goals = [
    zero("customers without a token that works", check.missing + check.lost),
    zero("acknowledged tokens lost, after kill -9 and restart", check.lost),
    zero("codes that worked twice", counts.replays - counts.refusedReplays),
    zero("tokens of replayed codes that still work", check.revived),
    zero("other faults", check.faults.length),
  ];
  return {
    name: `storm: ${whole(customers)} customers, 08:30 to 09:15 in ${seconds / 60} minutes (${database})`,
    rows: [
      row("arrivals, mean and peak", `${(customers / seconds).toFixed(1)}/s, ${peak.toFixed(1)}/s`),
      row("logged in, exchanged, profile read", whole(totals.completed)),
      row(
        "from arrival to a working token, p50 / p95 / p99",
        [latency.p50, latency.p95, latency.p99].map(milliseconds).join(" / "),
      ),
      row("  longest", milliseconds(latency.max)),
      row("the last was done after", `${storm.seconds.toFixed(1)} s`),
      row("refused and tried again", `${whole(totals.refused429)} x 429, ${whole(totals.refused503)} x 503`),
      row("exchanges without an answer, logins begun again", `${counts.unanswered}, ${counts.retriedLogins}`),
      row("codes tried twice, refused", `${counts.replays}, ${counts.refusedReplays}`),
      row("after kill -9 and restart: tokens that work, lost", `${whole(check.live)}, ${check.lost}`),
      row("broker: CPU per login with exchange and profile", milliseconds((cpuSeconds * 1000) / counts.exchanges)),
      ...(databaseSeconds === 0
        ? []
        : [
            row(
              "database: CPU per login with exchange and profile",
              milliseconds((databaseSeconds * 1000) / counts.exchanges),
            ),
          ]),
      row("broker: event loop held up, p99 / longest", `${milliseconds(loop.p99)} / ${milliseconds(loop.max)}`),
      row("broker: memory", `${whole(rss / 1e6)} MB`),
      row("taken of the machine by processes of others", `${whole(othersTook * 100)} %`),
    ],
    goals,
    runs: { storm, check, cpuSeconds, databaseSeconds, loop, rss, othersTook },
    chart: draw({ storm, customers, seconds, database }),
  };
}

function draw({ storm, customers, seconds, database }) {
  // What came after 09:15 is drawn too: the axis is as long as the storm took.
  const { slices, totals, latency } = storm;
  const sliceSeconds = seconds / SLICES;
  const rate = (read) => slices.map((slice) => read(slice) / sliceSeconds);
  const factor = (DAY_MINUTES * 60) / seconds;
  const span = slices.length / SLICES;
  const every = 5 / DAY_MINUTES;
  const ticks = Array.from({ length: Math.floor(span / every + 1e-9) + 1 }, (_, index) => ({
    at: (index * every) / span,
    text: clockText(index * every + 1e-9),
    isMark: index === DAY_MINUTES / 5,
  }));
  const refusals = totals.refused429 + totals.refused503;
  const done = `${whole(totals.completed)} of ${whole(customers)} logged in; p99 ${whole(latency.p99)} ms from arrival to a working token`;
  return drawChart({
    title: "The market opens",
    subtitle: `${whole(customers)} customers through all login pages, ${factor.toFixed(0)} times as fast as the clock below; one broker process on ${database === "sqlite" ? "SQLite" : "Postgres"}`,
    description: `${done}; ${whole(refusals)} refusals with Retry-After.`,
    ticks,
    panels: [
      {
        title: "Arrivals and completed logins",
        unit: "per second",
        series: [
          { name: "arrivals", colour: "a", kind: "area", values: rate(({ arrived }) => arrived) },
          { name: "completed", colour: "b", kind: "line", values: rate(({ completed }) => completed) },
        ],
      },
      {
        title: "From arrival to a working token",
        unit: "milliseconds",
        series: [
          { name: "p99", colour: "d", kind: "line", values: slices.map(({ p99 }) => p99) },
          { name: "p95", colour: "c", kind: "line", values: slices.map(({ p95 }) => p95) },
          { name: "p50", colour: "e", kind: "line", values: slices.map(({ p50 }) => p50) },
        ],
      },
      {
        title: "Refused with Retry-After",
        unit: "per second",
        series: [
          { name: "429", colour: "c", kind: "bars", values: rate(({ refused429 }) => refused429) },
          { name: "503", colour: "d", kind: "bars", values: rate(({ refused503 }) => refused503) },
        ],
        ...(refusals === 0 ? { note: "none" } : {}),
      },
    ],
  });
}
