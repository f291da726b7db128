/**
 * Logs accounts in by the plan. It decides from the time, the sessions and the login history alone, so that a restart,
 * a suspended machine or a moved clock only delays it.
 */
import { type AccountId, accountLabel } from "../account.ts";
import type { AccountStatus } from "../account-status.ts";
import { KeeperError, type KeeperErrorCode } from "../keeper-error.ts";
import { isReady, type KeeperForService } from "./keeper-for-service.ts";
import type { LoginDesk } from "./login-desk.ts";
import type { LoginHistory, PastLogin } from "./login-history.ts";
import type { LoginTimes, LoginWindow, SchedulePlan } from "./schedule-plan.ts";
import type { ServiceClock } from "./service-clock.ts";
import { errorFields, type ServiceLog } from "./service-log.ts";

/** What the project's broker takes of one app and account; the vendor's limit is not published. */
const REQUESTS_PER_HOUR = 5;
/** Timers do not run while a machine is suspended, so the clock is looked at this often. */
const LOOK_EVERY_MS = 30_000;
/** Asking again would bring the same answer. */
const FINAL = new Set<PastLogin["outcome"] | KeeperErrorCode>([
  "LOGIN_DENIED",
  "LOGIN_FAILED",
  "WRONG_USER",
  "WRONG_IP",
  "UNKNOWN_ACCOUNT",
  "USAGE",
  "VAULT_LOCKED",
]);

export interface ScheduleOptions {
  readonly keeper: Pick<KeeperForService, "status">;
  readonly desk: LoginDesk;
  readonly history: LoginHistory;
  /** When anybody who shares the vault asked for approval within the last hour, epoch seconds. */
  readonly requestsOf: (id: AccountId) => Promise<readonly number[]>;
  readonly plan: SchedulePlan;
  readonly times: LoginTimes;
  readonly clock: ServiceClock;
  readonly log: ServiceLog;
  /** Somebody has to come to the dashboard: nothing can be sent to a phone. */
  readonly remind: (id: AccountId) => void;
  readonly stopping: AbortSignal;
}

/** @returns when the next look is over; for tests */
export function startSchedule(options: ScheduleOptions): { readonly look: () => Promise<void> } {
  const { clock, times, log, stopping } = options;
  const reminded = new Map<string, number>();
  let cancel = () => {};

  const look = async () => {
    const window = times.current(clock.now());
    if (window) await askEverybody(options, window, reminded);
  };
  const again = () => {
    if (stopping.aborted) return;
    const now = clock.now();
    const untilNext = (times.next(now) ?? Number.POSITIVE_INFINITY) - now;
    cancel = clock.after(Math.min(LOOK_EVERY_MS, untilNext), run);
  };
  const run = () => {
    look()
      .catch((error: unknown) => log.error("the schedule could not look at the accounts", errorFields(error)))
      .then(again);
  };
  stopping.addEventListener("abort", () => cancel(), { once: true });
  run();
  return { look };
}

async function askEverybody(
  options: ScheduleOptions,
  window: LoginWindow,
  reminded: Map<string, number>,
): Promise<void> {
  for (const status of await options.keeper.status()) {
    if (options.stopping.aborted || isReady(status) || options.desk.ongoing(status)) continue;
    // No login would help it.
    if (status.state === "unusable") continue;
    if (status.way === "browser") remind(options, status, window, reminded);
    else if ((await isDue(options, status, window)) && isStillIdle(options, status)) ask(options, status);
  }
}

/** Asked again after a look into the vault, during which a button may have been pressed. */
function isStillIdle({ desk, stopping }: ScheduleOptions, status: AccountStatus): boolean {
  return !stopping.aborted && desk.ongoing(status) === undefined;
}

function ask({ desk, plan, clock, stopping }: ScheduleOptions, status: AccountStatus): void {
  const giveUp = new AbortController();
  const login = desk.start(status, { by: "schedule", giveUp: giveUp.signal });
  const cancel = clock.after(plan.retryMinutes * 60_000, () => giveUp.abort(lateApproval()));
  stopping.addEventListener("abort", cancel, { once: true });
  login.ended.then(() => {
    cancel();
    stopping.removeEventListener("abort", cancel);
  });
}

/** Nobody approved before the next request is due. */
function lateApproval(): KeeperError {
  return new KeeperError("LOGIN_TIMEOUT", "nobody approved the request in time", {
    nextStep: "Approve the next one, or log in from the dashboard.",
  });
}

async function isDue(
  { history, plan, clock, requestsOf }: ScheduleOptions,
  status: AccountStatus,
  window: LoginWindow,
): Promise<boolean> {
  const now = clock.now() / 1000;
  // What lies far ahead was written under a wrong clock; it would hold up the schedule until then.
  const past = history.of(status).filter(({ at, startedBy }) => startedBy !== "elsewhere" && at - now < 3600);
  const today = past.filter(({ at, startedBy }) => startedBy === "schedule" && at >= window.startsAt / 1000);
  // A direct login that failed once is not tried again: wrong factors lock an account.
  if (status.way === "totp") return today.length === 0;
  if (today[0] && FINAL.has(today[0].outcome)) return false;
  // Ours are in both: the vault counts those of other services and commands too, until a token comes; the history
  // counts on when one came.
  const ours = past.map(({ at }) => at);
  const everybodys = (await requestsOf(status)).filter((at) => at - now < 3600);
  const isTooSoon = now - Math.max(...ours, ...everybodys) < plan.retryMinutes * 60;
  const lastHour = [ours, everybodys].map((times) => times.filter((at) => now - at < 3600).length);
  return !isTooSoon && Math.max(...lastHour) < REQUESTS_PER_HOUR;
}

function remind(
  options: ScheduleOptions,
  status: AccountStatus,
  window: LoginWindow,
  reminded: Map<string, number>,
): void {
  const now = options.clock.now();
  const last = reminded.get(accountLabel(status)) ?? 0;
  if (last >= window.startsAt && Math.abs(now - last) < options.plan.retryMinutes * 60_000) return;
  reminded.set(accountLabel(status), now);
  options.remind(status);
}
