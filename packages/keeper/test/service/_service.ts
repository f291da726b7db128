import { readFileSync } from "node:fs";
import type { StartBrokerOptions, TestBroker } from "@kunji/broker/testing";
import type { Keeper, KeeperOptions } from "../../src/index.ts";
import { type RunningService, type ServiceClock, type ServiceOptions, startService } from "../../src/service/index.ts";
import { type Kept, startKept } from "../_kept.ts";
import { type Answer, type Call, call, type Place } from "./_request.ts";

/** One service on the accounts of a `Kept`, as one `kunji keep` is. */
export interface TestService extends AsyncDisposable {
  readonly running: RunningService;
  readonly keeper: Keeper;
  readonly socket: Place;
  /** Over the socket. */
  readonly ask: (path: string, options?: Call) => Promise<Answer>;
  /** Over the loopback port with the bearer of this start. */
  readonly askWithBearer: (path: string, options?: Call) => Promise<Answer>;
  readonly log: () => readonly Readonly<Record<string, unknown>>[];
  readonly logText: () => string;
}

export interface TestServiceOptions extends Partial<Omit<ServiceOptions, "keeper">> {
  readonly keeperOptions?: KeeperOptions;
}

/** The broker's time; timers are the machine's. */
export function clockOfBroker({ clock }: TestBroker): ServiceClock {
  return {
    now: () => clock.now(),
    after(ms, work) {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
  };
}

export async function startTestService(kept: Kept, options: TestServiceOptions = {}): Promise<TestService> {
  const { keeperOptions, ...serviceOptions } = options;
  const webhookPort = serviceOptions.webhookPort ?? 0;
  const keeper = await kept.keeper({ webhookPort, ...keeperOptions });
  const lines: string[] = [];
  const running = await startService({
    keeper,
    dataFolder: kept.home.path,
    port: 0,
    webhookPort,
    schedule: false,
    clock: clockOfBroker(kept.broker),
    writeLog: (line) => lines.push(line),
    ...serviceOptions,
  });
  const socket = running.socket ?? "";
  return {
    running,
    keeper,
    socket,
    ask: (path, call_) => call(socket, path, call_),
    askWithBearer(path, { headers, ...rest } = {}) {
      const authorization = `Bearer ${readFileSync(running.bearerFile, "utf8").trim()}`;
      return call(running.url, path, { ...rest, headers: { authorization, ...headers } });
    },
    log: () => lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    logText: () => lines.join(""),
    [Symbol.asyncDispose]: running.close,
  };
}

/** A broker, a vault and a service. */
export interface KeptService extends AsyncDisposable {
  readonly kept: Kept;
  readonly service: TestService;
}

export async function startKeptService(
  options: TestServiceOptions & { readonly broker?: StartBrokerOptions } = {},
): Promise<KeptService> {
  const { broker, ...serviceOptions } = options;
  const kept = await startKept(broker);
  const service = await startTestService(kept, serviceOptions);
  return {
    kept,
    service,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
    },
  };
}
