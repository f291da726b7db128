// npm run bench -- soak --minutes N: half of what the broker can do, for a long time. Memory and descriptors must stay
// flat and the event loop quick (security.md section 5).
import { drawChart } from "../harness/chart.mjs";
import { median, milliseconds, whole } from "../harness/figures.mjs";
import { atMost } from "../harness/goals.mjs";
import { LOAD_CORE, SERVER_CORE } from "../harness/processes.mjs";
import { watchOthers } from "../harness/quiet-rounds.mjs";
import { exchangeRequests, profileRequests } from "./requests.mjs";
import { CONNECTIONS } from "./server-rounds.mjs";
import { withPlace } from "./servers.mjs";

const MINUTES = 60;
const GOALS = { growth: 0.05, loopMs: 50, descriptors: 0 };
/** For each exchange so many profiles: a token is made once and used all day. */
const PROFILES_PER_EXCHANGE = 19;
const CALIBRATION_SECONDS = 5;
const TOKENS = 2_000;
const SAMPLES = 240;
const LONGEST_SAMPLE_MS = 15_000;
/** The part of the run in which caches and the heap find their size. */
const WARM_UP = 0.25;
const EXCHANGES_BEFORE = 50_000;

export async function measureSoak({ minutes = MINUTES, database }) {
  const seconds = minutes * 60;
  return await withPlace(async (place) => {
    const store = await place.store(database);
    const broker = await place.broker(store, SERVER_CORE);
    const issuer = await place.broker(store, LOAD_CORE);
    const tokens = await issuer.call("tokens", TOKENS);
    const peak = await calibrate(place, { broker, issuer, tokens });
    const perSecond = Math.round(peak / 2);
    const exchanges = Math.ceil((perSecond * seconds) / (PROFILES_PER_EXCHANGE + 1)) + 1;
    console.error(`  half of ${whole(peak)} requests/s for ${minutes} minutes; making ${whole(exchanges)} codes ...`);
    const codes = await issuer.call("codes", exchanges);
    // Nobody else at the file while it is measured.
    await issuer.stop();
    const load = place.start("harness/steady-load", LOAD_CORE);
    const kinds = [
      { name: "exchange", share: 1, ...exchangeRequests(broker, codes) },
      { name: "profile", share: PROFILES_PER_EXCHANGE, ...profileRequests(broker, tokens) },
    ];
    const others = watchOthers();
    await broker.call("watchLoop");
    const sampling = sample({ broker, load, seconds });
    const plan = { port: broker.port, connections: CONNECTIONS, perSecond, seconds, kinds, spin: true };
    const [totals, samples] = await Promise.all([load.call("run", plan), sampling]);
    return report({ samples, totals, perSecond, minutes, database, othersTook: others() });
  });
}

/** The rate of the same mix in a closed loop: what the broker can do at most. */
async function calibrate(place, { broker, issuer, tokens }) {
  const load = place.start("harness/load", LOAD_CORE);
  const closed = (requests) =>
    load.call("run", { ports: [broker.port], connections: CONNECTIONS, seconds: CALIBRATION_SECONDS, ...requests });
  const codes = await issuer.call("codes", EXCHANGES_BEFORE);
  const exchange = await closed({ ...exchangeRequests(broker, codes), once: true });
  const profile = await closed({ ...profileRequests(broker, tokens), once: false });
  await load.stop();
  const cost = ({ answers, seconds }) => seconds / answers;
  return (PROFILES_PER_EXCHANGE + 1) / (cost(exchange) + PROFILES_PER_EXCHANGE * cost(profile));
}

async function sample({ broker, load, seconds }) {
  const every = Math.min(LONGEST_SAMPLE_MS, (seconds * 1000) / SAMPLES);
  const samples = [];
  const start = performance.now();
  for (let index = 1; index * every <= seconds * 1000; index++) {
    await new Promise((resolve) => setTimeout(resolve, start + index * every - performance.now()));
    const [resources, loop, latency] = await Promise.all([
      broker.call("resources"),
      broker.call("loopDelay"),
      load.call("progress"),
    ]);
    samples.push({ at: (performance.now() - start) / 1000, ...resources, loop, latency });
  }
  return samples;
}

function report({ samples, totals, perSecond, minutes, database, othersTook }) {
  const steady = samples.slice(Math.floor(samples.length * WARM_UP));
  const fifth = Math.max(1, Math.floor(steady.length / 5));
  const level = (part, key) => median(part.map((each) => each[key]));
  const [first, last] = [steady.slice(0, fifth), steady.slice(-fifth)];
  const growth = level(last, "rss") / level(first, "rss") - 1;
  const slope = slopeOf(steady.map(({ at, rss }) => [at / 3600, rss / 1e6]));
  const percent = (value) => `${(value * 100).toFixed(1)} %`;
  const loopP99 = median(steady.map(({ loop }) => loop.p99));
  const goals = [
    atMost("soak: memory grew after the warm-up", growth, GOALS.growth, percent),
    atMost(
      "soak: descriptors more than after the warm-up",
      level(last, "descriptors") - level(first, "descriptors"),
      GOALS.descriptors,
      whole,
    ),
    atMost("soak: event loop p99", loopP99, GOALS.loopMs, milliseconds),
  ];
  const latency = ({ p50, p99, p999 }) => [p50, p99, p999].map(milliseconds).join(" / ");
  const row = (what, measured) => ({ what, measured });
  return {
    name: `soak: ${whole(perSecond)} requests/s for ${minutes} minutes (${database})`,
    rows: [
      row("exchanges", whole(totals.exchange.count)),
      row("  p50 / p99 / p99.9", latency(totals.exchange)),
      row("profiles", whole(totals.profile.count)),
      row("  p50 / p99 / p99.9", latency(totals.profile)),
      row(
        "memory after the warm-up, at the end",
        `${whole(level(first, "rss") / 1e6)} MB, ${whole(level(last, "rss") / 1e6)} MB`,
      ),
      row("  slope after the warm-up", `${slope.toFixed(1)} MB an hour`),
      row("descriptors after the warm-up, at the end", `${level(first, "descriptors")}, ${level(last, "descriptors")}`),
      row(
        "event loop held up, p99 / longest",
        `${milliseconds(loopP99)} / ${milliseconds(Math.max(...steady.map(({ loop }) => loop.max)))}`,
      ),
      row("taken of the machine by processes of others", `${whole(othersTook * 100)} %`),
    ],
    goals,
    runs: { samples, totals, perSecond, slopeMegabytesPerHour: slope, othersTook },
    chart: draw({ samples, perSecond, minutes, database }),
  };
}

/** Least squares: how much y grows for one x. */
function slopeOf(points) {
  const mean = (read) => points.reduce((sum, point) => sum + read(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const covariance = mean(([x, y]) => (x - meanX) * (y - meanY));
  return covariance / mean(([x]) => (x - meanX) ** 2);
}

function draw({ samples, perSecond, minutes, database }) {
  const ticks = Array.from({ length: 7 }, (_, index) => ({
    at: index / 6,
    text: `${Number(((minutes * index) / 6).toFixed(1))} min`,
  }));
  const series = (name, colour, read, kind = "line") => ({ name, colour, kind, values: samples.map(read) });
  return drawChart({
    title: "Soak",
    subtitle: `${whole(perSecond)} requests/s, half of what the broker can do; one exchange for ${PROFILES_PER_EXCHANGE} profiles; ${database === "sqlite" ? "SQLite" : "Postgres"}`,
    description: `Memory, latency and event loop of the broker over ${minutes} minutes.`,
    ticks,
    panels: [
      {
        title: "Memory",
        unit: "MB",
        series: [
          series("RSS", "a", ({ rss }) => rss / 1e6, "area"),
          series("heap in use", "e", ({ heap }) => heap / 1e6),
        ],
      },
      {
        title: "Latency, p99",
        unit: "milliseconds, from the planned moment",
        series: [
          series("exchange", "c", ({ latency }) => latency.exchange?.p99 ?? 0),
          series("profile", "b", ({ latency }) => latency.profile?.p99 ?? 0),
        ],
      },
      {
        title: "Event loop held up",
        unit: "milliseconds",
        series: [series("longest", "d", ({ loop }) => loop.max), series("p99", "a", ({ loop }) => loop.p99)],
      },
    ],
  });
}
