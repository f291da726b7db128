import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { addGauges } from "../src/metrics/gauges.ts";
import { sumMetrics } from "../src/metrics/sum-metrics.ts";
import { createWorkerMetrics } from "../src/metrics/worker-metrics.ts";
import { StoreUnavailable } from "../src/store/database.ts";
import { startBroker, type TestBroker } from "../src/testing/index.ts";
import { UNLIMITED } from "./store/_unlimited.ts";
import { exchange, getProfile, getTokens, issueCode } from "./upstox/_api.ts";

async function scrape(broker: Pick<TestBroker, "url">): Promise<Map<string, number>> {
  const text = await (await fetch(`${broker.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

describe("metrics say what an operator acts on", () => {
  it("counts the steps of a login by broker, step and what came of them", async () => {
    await using broker = await startBroker({ customers: 1 });
    await broker.login("upstox");
    await broker.login("tradejini");
    const seen = await scrape(broker);
    for (const labels of [
      'broker="upstox",step="dialog",outcome="opened"',
      'broker="upstox",step="identify",outcome="advanced"',
      'broker="upstox",step="otp",outcome="advanced"',
      'broker="upstox",step="pin",outcome="completed"',
      'broker="tradejini",step="identify",outcome="advanced"',
      'broker="tradejini",step="approve",outcome="completed"',
    ]) {
      expect(seen.get(`kunji_login_steps_total{${labels}}`), labels).toBe(1);
    }
    expect(seen.get('kunji_audit_events_total{event="login.started"}')).toBe(2);
    expect(seen.get('kunji_audit_events_total{event="code.issued"}')).toBe(2);
    expect(seen.get('kunji_messages_total{outcome="sent"}')).toBeGreaterThanOrEqual(2);
  });

  it("names a wrong PIN, and the lock after five of them", async () => {
    await using broker = await startBroker({ customers: 1 });
    const [customer] = broker.upstox.customers;
    if (!customer) throw new Error("no customer");
    await expect(broker.login("upstox", { customer: { ...customer, pin: "000000" } })).rejects.toThrow();
    const seen = await scrape(broker);
    expect(seen.get('kunji_login_steps_total{broker="upstox",step="pin",outcome="pin-wrong"}')).toBe(1);
    expect(seen.get('kunji_audit_events_total{event="login.pin-refused"}')).toBe(1);
  });

  it("counts and times exchanges, and bearer checks by what came of them", async () => {
    await using broker = await startBroker({ customers: 1, settings: UNLIMITED });
    const { access } = await getTokens(broker);
    const code = await issueCode(broker);
    expect((await exchange(broker, code)).status).toBe(200);
    expect((await exchange(broker, "a".repeat(67))).status).toBe(400);
    expect((await getProfile(broker, access)).status).toBe(200);
    expect((await getProfile(broker, "nobody's")).status).toBe(401);
    const seen = await scrape(broker);
    expect(seen.get('kunji_code_exchanges_total{broker="upstox",outcome="issued"}')).toBe(2);
    expect(seen.get('kunji_code_exchanges_total{broker="upstox",outcome="refused"}')).toBe(1);
    expect(seen.get('kunji_code_exchange_duration_seconds_count{broker="upstox"}')).toBe(3);
    expect(seen.get('kunji_code_exchange_duration_seconds_bucket{le="+Inf",broker="upstox"}')).toBe(3);
    expect(seen.get('kunji_bearer_checks_total{broker="upstox",outcome="accepted"}')).toBe(1);
    expect(seen.get('kunji_bearer_checks_total{broker="upstox",outcome="refused"}')).toBe(1);
    expect(seen.get("kunji_commit_writes_count")).toBeGreaterThan(2);
    expect(seen.get("kunji_commit_writes_sum")).toBeGreaterThanOrEqual(seen.get("kunji_commit_writes_count") ?? 0);
  });

  it("counts exchanges that came to nothing because the store was away", async () => {
    await using broker = await startBroker({ customers: 1 });
    const { db } = broker.server.parts;
    const write = db.write;
    db.write = () => Promise.reject(new StoreUnavailable("away"));
    expect((await exchange(broker, "a".repeat(67))).status).toBe(503);
    db.write = write;
    const seen = await scrape(broker);
    expect(seen.get('kunji_code_exchanges_total{broker="upstox",outcome="failed"}')).toBe(1);
    expect(seen.get('kunji_code_exchange_duration_seconds_count{broker="upstox"}')).toBe(1);
  });

  it("counts calls over a quota", async () => {
    await using broker = await startBroker({ customers: 1, settings: { KUNJI_RATE_PER_MINUTE: 1 } });
    const { access } = await getTokens(broker);
    expect((await getProfile(broker, access)).status).toBe(200);
    expect((await getProfile(broker, access)).status).toBe(429);
    const seen = await scrape(broker);
    expect(seen.get('kunji_throttled_total{what="calls"}')).toBe(1);
    expect(seen.get('kunji_bearer_checks_total{broker="upstox",outcome="throttled"}')).toBe(1);
  });

  it("begins what alerts wait for at 0: where a series begins, Prometheus sees no rise", async () => {
    await using broker = await startBroker({ customers: 1 });
    const seen = await scrape(broker);
    const waitedFor = [
      'kunji_audit_events_total{event="code.replayed"}',
      ...["messages", "pin-checks", "writes"].map((queue) => `kunji_overloads_total{queue="${queue}"}`),
      ...["request", "outbox", "housekeeping"].map((work) => `kunji_store_failures_total{work="${work}"}`),
      'kunji_throttled_total{what="secrets"}',
    ];
    for (const series of waitedFor) expect(seen.get(series), series).toBe(0);
  });

  it("does not wait for a database that does not answer", async () => {
    const registry = new Registry();
    let asked = 0;
    addGauges(registry, {
      writesWaiting: () => 7,
      pinChecks: () => ({ running: 0, waiting: 0 }),
      messages: () => ({ pending: 0, sent: 0, failed: 0, refused: 0 }),
      clockBehindMs: () => 0,
      outbox() {
        asked += 1;
        return new Promise(() => {});
      },
      now: () => 0,
      outboxPatienceMs: 1,
    });
    const text = await registry.metrics();
    expect(text).toContain('kunji_queue_length{queue="writes"} 7');
    expect(text).toContain("kunji_outbox_waiting Nan");
    expect(asked).toBe(1);
  });

  it("has no more series after strange requests than after one", async () => {
    await using broker = await startBroker({ customers: 1 });
    const strange = async (index: number) => {
      const name = `x${index}${randomBytes(4).toString("hex")}`;
      await fetch(`${broker.url}/${name}`);
      await fetch(`${broker.url}/login/upstox/${name}`, { method: "POST", redirect: "manual" });
      await fetch(`${broker.url}/v2/user/profile?${name}=1`, { headers: { authorization: `Bearer ${name}` } });
      await exchange(broker, name, { clientId: name });
    };
    await strange(0);
    const before = await scrape(broker);
    for (let index = 1; index <= 20; index++) await strange(index);
    const after = await scrape(broker);
    // The scrape is a route like any other, and Node adds one group for each kind of garbage collection when it first happens.
    const isFromElsewhere = (series: string) => series.includes('route="/metrics"') || series.includes("_gc_duration_");
    const added = [...after.keys()].filter((series) => !before.has(series) && !isFromElsewhere(series));
    expect(added).toEqual([]);
  });
});

describe("metrics of several processes", () => {
  it("add up, but for what all of them read from one database and for the lag of the slowest", async () => {
    await using one = await startBroker({ customers: 1 });
    await using two = await startBroker({ customers: 1 });
    for (const broker of [one, two]) await exchange(broker, "a".repeat(67));
    const lagging = (await two.server.metrics()).map((metric) =>
      metric.name === "kunji_nodejs_eventloop_lag_p99_seconds"
        ? { ...metric, values: [{ value: 9, labels: {} }] }
        : metric,
    );
    const text = await sumMetrics([await one.server.metrics(), lagging]);
    expect(text).toContain('kunji_code_exchanges_total{broker="upstox",outcome="refused"} 2');
    expect(text).toContain('kunji_code_exchange_duration_seconds_count{broker="upstox"} 2');
    expect(text).toMatch(/^kunji_build_info\{version="[^"]+"\} 1$/m);
    expect(text).toContain("\nkunji_outbox_waiting 0\n");
    expect(text).toContain("\nkunji_nodejs_eventloop_lag_p99_seconds 9\n");
  });

  it("never fall, whichever worker ends or does not answer: that would be a restart to Prometheus", async () => {
    await using broker = await startBroker({ customers: 1 });
    await exchange(broker, "a".repeat(67));
    const ofOne = await broker.server.metrics();
    const workers = createWorkerMetrics(3);
    for (const worker of [1, 2, 3]) workers.counted(worker, ofOne);
    const refused = 'kunji_code_exchanges_total{broker="upstox",outcome="refused"} 3\n';
    const timed = 'kunji_code_exchange_duration_seconds_count{broker="upstox"} 3\n';
    const answered = await workers.text(new Set([1, 2, 3]));
    expect(answered).toContain(refused);
    expect(answered).toContain("\nkunji_workers_ready 3\n");
    const memory = /^kunji_process_resident_memory_bytes (\d+)$/m;
    const bytes = Number(memory.exec(answered)?.[1]);
    expect(bytes).toBeGreaterThan(0);

    const oneIsSilent = await workers.text(new Set([1, 3]));
    expect(oneIsSilent).toContain(refused);
    expect(oneIsSilent).toContain("\nkunji_workers_ready 2\n");
    // What a worker holds just now, nobody knows of one that says nothing.
    expect(Number(memory.exec(oneIsSilent)?.[1])).toBe((bytes / 3) * 2);

    for (const worker of [1, 2]) {
      workers.ended("signal");
      workers.gone(worker);
      const rest = await workers.text(new Set([3]));
      expect(rest).toContain(refused);
      expect(rest).toContain(timed);
    }
    workers.gone(3);
    const empty = await workers.text(new Set());
    expect(empty).toContain(refused);
    expect(empty).toContain("\nkunji_workers_ready 0\n");
    expect(empty).toContain("\nkunji_workers_configured 3\n");
    expect(empty).toContain('kunji_worker_ends_total{how="signal"} 2');
    expect(empty).not.toMatch(memory);
  });

  it("know nothing yet of a worker that ended before anybody asked", async () => {
    const workers = createWorkerMetrics(1);
    workers.gone(1);
    expect(await workers.text(new Set())).toContain("\nkunji_workers_ready 0\n");
  });
});

describe("what is written about the metrics", () => {
  const read = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");

  /** Every metric by name, with its labels. */
  async function metricsOfCode(): Promise<Map<string, readonly string[]>> {
    await using broker = await startBroker({ customers: 1 });
    await broker.login("upstox");
    await getTokens(broker);
    await getProfile(broker, "nobody's");
    const all = await broker.server.metrics();
    const ofWorkers = [
      ...(await createWorkerMetrics(1).text(new Set())).matchAll(/^(\w+)(?:\{(\w+)="[^"]*"\})? \S+$/gm),
    ];
    return new Map([
      ...all.map(({ name, values }) => [name, [...new Set(values.flatMap(labelsOf))]] as const),
      ...ofWorkers.map(([, name = "", label]) => [name, label === undefined ? [] : [label]] as const),
    ]);
  }

  function labelsOf({ labels }: { readonly labels: object }): string[] {
    return Object.keys(labels).filter((label) => label !== "le");
  }

  it("docs/operations.md has each one with its labels, and no other", async () => {
    const own = [...(await metricsOfCode())].filter(([name]) => !/^kunji_(?:process|nodejs)_/.test(name));
    const rows = [...read("operations.md").matchAll(/^\| `(kunji_\w+)` \| ([^|]*)\| (.+) \|$/gm)];
    const written = rows.map(([, name = "", labels = ""]) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]);
    // Some have no series before something went wrong; their labels are known by name then.
    const coded = new Map(own);
    expect(written.map(([name]) => name).toSorted()).toEqual([...coded.keys()].toSorted());
    for (const [name, labels] of written) {
      const known = coded.get(String(name)) ?? [];
      if (known.length > 0) expect(labels, String(name)).toEqual(known);
    }
  });

  /** Names and labels that a query uses. */
  function usedIn(expression: string) {
    const names = [...expression.matchAll(/\bkunji_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ""));
    const selected = [...expression.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = ""]) => label);
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
    return { names, labels: [...selected, ...grouped].filter((label) => !/^(?:le|instance|)$/.test(label)) };
  }

  it("the dashboard is whole, and its panels ask for metrics and labels that exist", async () => {
    const metrics = await metricsOfCode();
    const dashboard = JSON.parse(read("grafana/kunji.json")) as {
      readonly panels: readonly {
        readonly id: number;
        readonly type: string;
        readonly targets?: readonly { readonly expr: string }[];
      }[];
    };
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const expressions = dashboard.panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? []);
    expect(expressions.length).toBeGreaterThan(20);
    for (const expression of expressions) requireKnown(expression, metrics);
  });

  it("so do the alert rules, and each has what a rule needs", async () => {
    const metrics = await metricsOfCode();
    const rules = read("grafana/alerts.yml")
      .split(/^ {6}- alert: /m)
      .slice(1);
    expect(rules.length).toBeGreaterThan(10);
    for (const rule of rules) {
      expect(rule).toMatch(
        /^Kunji[A-Za-z]+\n {8}expr: .+\n(?: {8}for: \d+m\n)? {8}labels: \{ severity: (?:page|ticket) \}\n {8}annotations: \{ summary: ".+" \}\n$/,
      );
      requireKnown(/expr: (.*)/.exec(rule)?.[1] ?? "", metrics);
    }
  });

  function requireKnown(expression: string, metrics: ReadonlyMap<string, readonly string[]>): void {
    const { names, labels } = usedIn(expression);
    expect(names.length, expression).toBeGreaterThan(0);
    for (const name of names) expect([...metrics.keys()], expression).toContain(name);
    const known = new Set([...names.flatMap((name) => metrics.get(name) ?? []), ...["outcome"]]);
    for (const label of labels) expect([...known], `${expression}: ${label}`).toContain(label);
  }
});
