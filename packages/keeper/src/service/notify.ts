/**
 * Tells the owner through a command or a webhook of their choice. No secret travels (S-79): facts are the account's
 * name, what happened and until when.
 */
import { spawn } from "node:child_process";
import { type AccountId, accountLabel } from "../account.ts";
import { delay } from "../login/timer.ts";
import type { ServiceClock } from "./service-clock.ts";
import { errorFields, plainText, type ServiceLog } from "./service-log.ts";

export type NoticeKind = "loginRequired" | "expiring" | "failed" | "renewed";

export interface Notice extends AccountId {
  readonly event: NoticeKind;
  /** One sentence for a person. */
  readonly message: string;
  readonly nextStep: string | undefined;
  /** Epoch seconds; end of the session this is about. */
  readonly expiresAt: number | undefined;
}

export interface NotifySettings {
  /** Program and arguments, started without a shell; facts come as `KUNJI_EVENT` and so on in its environment. */
  readonly command?: readonly [program: string, ...args: string[]] | undefined;
  /** Gets a POST of JSON: https, or http on a loopback address. May be a secret itself, so it is never shown. */
  readonly url?: string | undefined;
}

export interface Notifier {
  readonly notify: (notice: Notice) => void;
  /** Waits for what is on its way. */
  readonly settled: () => Promise<void>;
  /** The same for so long, then gives up what is left. */
  readonly close: (withinMs: number) => Promise<void>;
}

export interface NotifierOptions {
  readonly settings: NotifySettings;
  readonly clock: ServiceClock;
  readonly log: ServiceLog;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof fetch;
}

/** A bot that asks every second must not become a message every second. */
const SAME_NOTICE_MS = 10 * 60_000;
const GIVE_UP_MS = 30_000;
/** Longer than a sentence of ours with its next step: that one must not be cut off. */
const LONGEST_TEXT = 600;
const RETRY_AFTER_MS = 5_000;
/** What a program needs to run and to show something on a desktop. Passwords in ours (a database URL) stay with us. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "SystemRoot",
  "PATHEXT",
  "USERPROFILE",
];

/** @throws TypeError when the settings make no sense; the URL is not repeated */
export function createNotifier(options: NotifierOptions): Notifier {
  const { settings, clock, log } = options;
  const url = settings.url === undefined ? undefined : requireNotifyUrl(settings.url);
  const closing = new AbortController();
  const lastTold = new Map<string, number>();
  const underWay = new Set<Promise<void>>();

  const send = async (notice: Notice) => {
    const fields = { event: notice.event, account: accountLabel(notice) };
    const told = [
      ...(settings.command ? [runCommand(settings.command, notice, options, closing.signal)] : []),
      ...(url === undefined ? [] : [postWithRetry(url, notice, options, closing.signal)]),
    ];
    for (const result of await Promise.allSettled(told)) {
      if (result.status === "fulfilled") log.info("owner notified", fields);
      else log.warn("the owner could not be notified", { ...fields, ...errorFields(result.reason) });
    }
  };

  const settled = async () => {
    await Promise.all(underWay);
  };
  return {
    notify(notice) {
      const key = `${notice.event} ${accountLabel(notice)}`;
      const now = clock.now();
      if (Math.abs(now - (lastTold.get(key) ?? Number.NEGATIVE_INFINITY)) < SAME_NOTICE_MS) return;
      lastTold.set(key, now);
      const sending = send(notice).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    settled,
    async close(withinMs) {
      const cancel = clock.after(withinMs, () => closing.abort(new NotifyError("STOPPING")));
      await settled();
      cancel();
    },
  };
}

function requireNotifyUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url !== undefined && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback)) return url;
  throw new TypeError("notify: the webhook's address is https://, or http:// on this machine");
}

/** What travels, as strings; undefined facts are left out. */
function factsOf(notice: Notice): Record<string, string> {
  const { event, broker, account, message, nextStep, expiresAt } = notice;
  const facts = {
    event,
    broker,
    account,
    message: plainText(message, LONGEST_TEXT),
    nextStep: nextStep && plainText(nextStep, LONGEST_TEXT),
    expiresAt: expiresAt?.toString(),
  };
  return Object.fromEntries(Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined));
}

function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  notice: Notice,
  { environment, clock }: NotifierOptions,
  closing: AbortSignal,
): Promise<void> {
  const passedOn = PASSED_ON.map((name) => [name, environment[name]]).filter(([, value]) => value !== undefined);
  const facts = Object.entries(factsOf(notice)).map(([name, value]) => [
    `KUNJI_${name.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`,
    value,
  ]);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      shell: false,
      stdio: "ignore",
      env: Object.fromEntries([...passedOn, ...facts]),
    });
    const end = () => child.kill("SIGKILL");
    const cancelTimer = clock.after(GIVE_UP_MS, end);
    closing.addEventListener("abort", end, { once: true });
    const cancel = () => {
      cancelTimer();
      closing.removeEventListener("abort", end);
    };
    child.once("error", (error) => {
      cancel();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      cancel();
      if (code === 0) resolve();
      else reject(new NotifyError(signal ?? `exit code ${code}`));
    });
  });
}

async function postWithRetry(
  url: URL,
  notice: Notice,
  { clock, fetch: send = fetch }: NotifierOptions,
  closing: AbortSignal,
): Promise<void> {
  try {
    await post(url, notice, send, closing);
  } catch (error) {
    if (closing.aborted || (error instanceof NotifyError && !error.mayPass)) throw error;
    await delay(RETRY_AFTER_MS, (work, ms) => clock.after(ms, work), closing);
    await post(url, notice, send, closing);
  }
}

async function post(url: URL, notice: Notice, send: typeof fetch, closing: AbortSignal): Promise<void> {
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(factsOf(notice)),
    redirect: "manual", // another address was not the owner's choice
    signal: AbortSignal.any([AbortSignal.timeout(GIVE_UP_MS), closing]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new NotifyError(`status ${response.status}`, response.status >= 500);
}

/** Its code says what happened and nothing of what was sent. */
class NotifyError extends Error {
  override readonly name = "NotifyError";
  readonly code: string;
  readonly mayPass: boolean;

  constructor(code: string, mayPass = false) {
    super(code);
    this.code = code;
    this.mayPass = mayPass;
  }
}
