import { join } from "node:path";
import { DEFAULT_WEBHOOK_PORT } from "../login/notifier-address.ts";
import type { KeeperForService } from "./keeper-for-service.ts";
import type { NotifySettings } from "./notify.ts";
import { DEFAULT_PLAN, type LoginTimes, readPlan, type SchedulePlan } from "./schedule-plan.ts";
import { type ServiceClock, systemClock } from "./service-clock.ts";

export interface ServiceOptions {
  readonly keeper: KeeperForService;
  /** Kunji's data folder (`kunjiFolders().data`): the service has a folder of mode 0700 in it. */
  readonly dataFolder: string;
  /** Loopback port of API and dashboard; 0 takes a free one. @defaultValue 7474 */
  readonly port?: number | undefined;
  /** Loopback port that approved tokens are posted to; 0 takes a free one. @defaultValue 7476 */
  readonly webhookPort?: number | undefined;
  /** When to log in; `false` never does. @defaultValue DEFAULT_PLAN */
  readonly schedule?: SchedulePlan | false | undefined;
  readonly notify?: NotifySettings | undefined;
  /** Takes the log's lines, which end with a line feed. @defaultValue stderr */
  readonly writeLog?: ((line: string) => void) | undefined;
  readonly clock?: ServiceClock | undefined;
  /** Of the process; what a notify command needs of it is passed on. @defaultValue process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Options with everything decided. */
export interface ServiceSetup {
  readonly keeper: KeeperForService;
  readonly port: number;
  readonly webhookPort: number;
  readonly plan: SchedulePlan | undefined;
  readonly times: LoginTimes | undefined;
  readonly notify: NotifySettings;
  readonly writeLog: (line: string) => void;
  readonly clock: ServiceClock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly paths: ServicePaths;
}

export interface ServicePaths {
  readonly directory: string;
  /** Undefined on Windows, where files cannot be sockets for Node. */
  readonly socket: string | undefined;
  readonly bearer: string;
  readonly history: string;
}

export const DEFAULT_PORT = 7474;

/** Where the service of this data folder has its things; bots find them by it. */
export function servicePaths(dataFolder: string): ServicePaths {
  const directory = join(dataFolder, "service");
  return {
    directory,
    socket: process.platform === "win32" ? undefined : join(directory, "keeper.sock"),
    bearer: join(directory, "bearer"),
    history: join(directory, "login-history.json"),
  };
}

/** @throws TypeError that says which option is wrong */
export function readServiceOptions(options: ServiceOptions): ServiceSetup {
  const { schedule, port = DEFAULT_PORT, webhookPort = DEFAULT_WEBHOOK_PORT } = options;
  for (const number of [port, webhookPort]) {
    if (!Number.isInteger(number) || number < 0 || number > 65_535) {
      throw new TypeError("a port is a whole number from 0 to 65535");
    }
  }
  const plan = schedule === false ? undefined : (schedule ?? DEFAULT_PLAN);
  return {
    keeper: options.keeper,
    port,
    webhookPort,
    plan,
    times: plan && readPlan(plan),
    notify: options.notify ?? {},
    writeLog: options.writeLog ?? ((line) => process.stderr.write(line)),
    clock: options.clock ?? systemClock,
    environment: options.environment ?? process.env,
    paths: servicePaths(options.dataFolder),
  };
}
