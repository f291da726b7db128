import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { createApp } from "./app.ts";
import { loadAssets } from "./assets.ts";
import type { BrokerContext } from "./broker-context.ts";
import { type Clock, ForwardClock, SettableClock, systemClock } from "./clock.ts";
import type { Control } from "./control/control.ts";
import { createControl, type Forgetful } from "./control/create-control.ts";
import { type BrokerKeys, deriveBrokerKeys } from "./crypto/broker-keys.ts";
import { createPinHasher } from "./crypto/password-hash.ts";
import { type Randomness, systemRandomness } from "./crypto/random.ts";
import { type DemoData, type DemoOptions, demoData, seedDemo } from "./demo/demo.ts";
import { DemoInbox } from "./demo/demo-inbox.ts";
import { keepAuditHead, startHousekeeping } from "./housekeeping.ts";
import { createAddressReader, throttleKey } from "./http/client-address.ts";
import { createCookies } from "./http/cookies.ts";
import { GentleStop } from "./http/gentle-stop.ts";
import { ListeningAddress } from "./http/listening-address.ts";
import { failureLogRecord } from "./http/log-values.ts";
import { createRateLimiter } from "./http/rate-limit.ts";
import { createJsonHeaders, createPageHeaders } from "./http/security-headers.ts";
import { openMessageSender } from "./messages/open-message-sender.ts";
import { SendQueue } from "./messages/send-queue.ts";
import { countRefusals } from "./metrics/counted-quota.ts";
import { addGauges } from "./metrics/gauges.ts";
import type { MetricData } from "./metrics/sum-metrics.ts";
import { type BrokerMetrics, createMetrics, type FailedWork } from "./metrics.ts";
import { openOrderGateway } from "./orders/open-order-gateway.ts";
import type { OrderGateway } from "./orders/order-gateway.ts";
import type { BoundedQueue } from "./overloaded.ts";
import type { BrokerParts } from "./parts.ts";
import { readSettings, type Settings, settingsTable, splitProxies } from "./settings.ts";
import { raiseClockMark } from "./store/clock-mark.ts";
import type { Database } from "./store/database.ts";
import { openDatabase } from "./store/open-database.ts";
import { outboxBacklog } from "./store/outbox.ts";
import { dnsResolve, guardedLookup } from "./webhooks/address-guard.ts";
import { CircuitBreaker } from "./webhooks/circuit-breaker.ts";
import { deliverWebhook } from "./webhooks/deliver-webhook.ts";
import { OutboxRunner } from "./webhooks/outbox-runner.ts";

export interface ServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://...`. */
  readonly database: string;
  /** 32 bytes; see broker-keys.ts. */
  readonly masterKey: Buffer;
  readonly settings?: Settings;
  /** Demo apps, customers and the inbox. */
  readonly demo?: DemoOptions;
  /** Lets a test move the clock, inject faults and read requests. Never in a normal start (S-131). */
  readonly control?: boolean;
  readonly log?: FastifyBaseLogger | undefined;
  readonly random?: Randomness;
  readonly clock?: Clock;
  /** Where approved orders go; by default where KUNJI_ORDER_GATEWAY says. */
  readonly orderGateway?: OrderGateway | undefined;
  /** How much may wait, where a test wants less than the defaults (S-124). */
  readonly bounds?: QueueBounds;
  /** Called once when the store failed: the process must stop (S-119). */
  readonly onStoreFailure?: (error: Error) => void;
  /** Processes that share this machine, so that together they do not hash more PINs at a time than it can (S-125). */
  readonly processes?: number;
  /** The metrics of all processes that answer at this address, as Prometheus' text; by default of this one. */
  readonly allMetrics?: () => Promise<string>;
}

/** What may wait in each queue at most. */
export type QueueBounds = Readonly<Partial<Record<BoundedQueue, number>>>;

/** A broker that answers. */
export interface RunningBroker {
  /** Where people and apps reach it, without a slash at the end: KUNJI_PUBLIC_URL when there is one. */
  readonly url: string;
  /** The port of this machine it listens on, where a load balancer finds it. */
  readonly port: number;
  readonly demo: DemoData | undefined;
  readonly inbox: DemoInbox | undefined;
  readonly control: Control | undefined;
  readonly parts: BrokerParts;
  /** Sends webhooks that are due and waits for messages that are on their way. */
  readonly settled: () => Promise<void>;
  /** The metrics of this process. */
  readonly metrics: () => Promise<MetricData>;
  /** Readiness off and the port closed; what has a connection is served on. For processes that share a port. */
  readonly stopAccepting: () => Promise<void>;
  /**
   * Readiness off, then finishes what is under way, for at most `graceMs` (S-115).
   * @param lingerMs how long an idle connection may still bring a request; see `GentleStop`
   */
  readonly close: (graceMs?: number, lingerMs?: number) => Promise<void>;
}

/** Starts a broker: store, message sender, outbox and HTTP server, in this order; stops them in the opposite one. */
export async function startServer(options: ServerOptions): Promise<RunningBroker> {
  const settings = options.demo
    ? demoSettings(options.settings ?? readSettings({}))
    : (options.settings ?? readSettings({}));
  const random = options.random ?? systemRandomness();
  const control = options.control ? new SettableClock(options.clock) : undefined;
  const base = control ?? options.clock ?? systemClock;
  const keys = deriveBrokerKeys(options.masterKey);
  const metrics = createMetrics();
  const failure = { hasFailed: false };
  const db = await openDatabase({
    url: options.database,
    keyCheck: keys.check,
    now: base.now(),
    onFailure(error) {
      failure.hasFailed = true;
      options.onStoreFailure?.(error);
    },
    mostWaitingWrites: options.bounds?.writes,
    listener: metrics.store,
  });
  try {
    // A clock that a test may set back keeps no mark.
    const clock = control ?? (await forwardClock(base, db));
    return await startOnStore(options, { settings, random, clock, keys, db }, { control, metrics, failure });
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Goes on from the latest time this database has seen (S-114). */
async function forwardClock(base: Clock, db: Database): Promise<ForwardClock> {
  return new ForwardClock({ base, mark: await db.write(() => raiseClockMark(base.now())) });
}

/** All demo people share one network address, so limits per address would hit everybody: unless set, they are lifted. */
function demoSettings(settings: Settings): Settings {
  const lifted = Object.fromEntries(
    PER_ADDRESS.filter((name) => settings[name] === settingsTable[name].default).map((name) => [
      name,
      settingsTable[name].max,
    ]),
  );
  return { ...settings, ...lifted };
}

const PER_ADDRESS = ["KUNJI_OTP_PER_ADDRESS", "KUNJI_BAD_SECRETS_PER_ADDRESS", "KUNJI_INTROSPECT_PER_SECOND"] as const;

interface Opened {
  readonly settings: Settings;
  readonly random: Randomness;
  readonly clock: Clock;
  readonly keys: BrokerKeys;
  readonly db: Database;
}

interface Watched {
  readonly control: SettableClock | undefined;
  readonly metrics: BrokerMetrics;
  readonly failure: { readonly hasFailed: boolean };
}

async function startOnStore(
  options: ServerOptions,
  opened: Opened,
  { control: settableClock, metrics, failure }: Watched,
): Promise<RunningBroker> {
  const { settings, clock, keys, db } = opened;
  const parts: BrokerParts = {
    ...opened,
    hasher: createPinHasher({
      pepper: keys.pin,
      maxWaiting: options.bounds?.["pin-checks"],
      processes: options.processes,
    }),
  };
  const alarm = (text: string) => {
    metrics.auditAlarms.add();
    options.log?.error(text);
  };
  const failed = (work: FailedWork, error: unknown) => {
    metrics.storeFailures[work].add();
    options.log?.error({ work, ...failureLogRecord(error) }, "background work failed and is tried again");
  };
  await keepAuditHead(parts, alarm);
  const demo = options.demo && demoData(options.demo);
  if (demo) await seedDemo(parts, demo);

  const inbox = options.demo ? new DemoInbox(parts) : undefined;
  const messages = new SendQueue({
    sender: openMessageSender(settings.KUNJI_MESSAGE_SENDER || (inbox ? "inbox:" : ""), {
      keepInInbox: inbox && ((message) => inbox.keep(message)),
    }),
    onFailure: (failure) => options.log?.error(failure, "a message could not be sent"),
    capacity: options.bounds?.messages,
  });
  addGauges(metrics.registry, {
    writesWaiting: () => db.waitingWrites,
    pinChecks: () => parts.hasher.load,
    messages: () => messages.counts,
    clockBehindMs: () => (clock instanceof ForwardClock ? clock.behind() : 0),
    outbox: () => db.read(() => outboxBacklog()),
    now: () => clock.now(),
  });
  const allowLoopback = settings.KUNJI_WEBHOOK_LOOPBACK || options.demo !== undefined;
  const webhookRules = { allowLoopbackHttp: allowLoopback };
  const lookup = guardedLookup(dnsResolve(), { allowLoopback });
  const breaker = new CircuitBreaker({ clock });
  const stopping = new AbortController();
  const outbox = new OutboxRunner({
    parts,
    breaker,
    deliver: (delivery) => deliverWebhook(delivery, { lookup, ...webhookRules, clock, signal: stopping.signal }),
    onResult: (outcome) => metrics.deliveries.of({ outcome }).add(),
    onFailure(error) {
      // A delivery that the end of the process cuts off is none of the database's.
      if (!stopping.signal.aborted) failed("outbox", error);
    },
  });

  const memories: Forgetful[] = [breaker];
  const control = settableClock && createControl(settableClock, parts, demo, memories);
  const address = new ListeningAddress(settings.KUNJI_PUBLIC_URL || undefined);
  const assets = loadAssets();
  const context: BrokerContext = {
    ...parts,
    webhookRules,
    messages,
    orders: options.orderGateway ?? openOrderGateway(settings.KUNJI_ORDER_GATEWAY, opened),
    metrics,
    ...httpContext(settings, address),
    createQuota(...windows) {
      const quota = createRateLimiter({ windows, now: () => clock.now() });
      memories.push(quota);
      return countRefusals(quota, metrics.throttled.calls);
    },
    wakeOutbox: () => outbox.wake(),
    page: ({ brokerName }) => ({
      brokerName,
      assetHref: assets.href("pages.css"),
      iconHref: assets.href("icon.svg"),
      scriptHref: assets.href("submit-once.js"),
      demo: options.demo && { inboxHref: "/inbox" },
    }),
  };
  let draining = false;
  const app = createApp({
    context,
    assets,
    hosts: address,
    health: {
      isDraining: () => draining,
      hasStoreFailed: () => failure.hasFailed,
      metricsText: options.allMetrics ?? (() => metrics.registry.metrics()),
    },
    ownTime: options.clock !== undefined || options.control === true,
    log: options.log,
    demo: demo && inbox && { inbox, people: demo.people },
    control,
  });
  const stop = new GentleStop(app);
  await app.listen({ port: options.port, host: options.host });
  const bound = app.server.address();
  const port = typeof bound === "object" && bound ? bound.port : options.port;
  address.listensAt(options.host, port);
  const forgetJumps = settableClock?.onJump(() => outbox.wake());
  outbox.wake();
  const stopHousekeeping = startHousekeeping(parts, alarm, (error) => failed("housekeeping", error));

  let closing: Promise<void> | undefined;
  const close = async (graceMs: number, lingerMs: number) => {
    draining = true;
    forgetJumps?.();
    stopHousekeeping();
    const giveUp = AbortSignal.timeout(graceMs);
    const overdue = () => {
      app.server.closeAllConnections();
      // A delivery that is cut off is written down for a retry.
      stopping.abort();
    };
    giveUp.addEventListener("abort", overdue, { once: true });
    await stop.close(lingerMs);
    await messages.close(giveUp);
    await outbox.stop();
    giveUp.removeEventListener("abort", overdue);
    // The last rows too; where the store has failed there is nothing left to do for them.
    await keepAuditHead(parts, alarm).catch(() => {});
    await parts.hasher.close();
    await db.close();
  };

  return {
    url: address.url(),
    port,
    demo,
    inbox,
    control,
    parts,
    metrics: () => metrics.registry.getMetricsAsJSON(),
    async settled() {
      await messages.idle();
      await outbox.settled();
    },
    async stopAccepting() {
      draining = true;
      await stop.stopAccepting();
    },
    // Whoever closes it once more, a test that disposes of it for instance, waits for the same end.
    close(graceMs = 10_000, lingerMs = 0) {
      closing ??= close(graceMs, lingerMs);
      return closing;
    },
  };
}

function httpContext(settings: Settings, address: ListeningAddress) {
  const isHttps = settings.KUNJI_PUBLIC_URL.startsWith("https:");
  const addresses = createAddressReader(splitProxies(settings.KUNJI_TRUSTED_PROXIES));
  return {
    issuer: () => address.url(),
    // Without a public URL the issuer is plain http on loopback; listensAt() has refused anything else.
    cookies: createCookies({ issuer: settings.KUNJI_PUBLIC_URL || "http://127.0.0.1", prefix: "kunji-" }),
    addresses,
    pageHeaders: createPageHeaders({ https: isHttps, scripts: true }),
    jsonHeaders: createJsonHeaders({ https: isHttps }),
    sourceOf: (request: FastifyRequest) =>
      throttleKey(addresses.read(request.socket.remoteAddress, request.headers["x-forwarded-for"])),
  };
}
