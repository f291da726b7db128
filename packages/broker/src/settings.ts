import { readMasterKey } from "./crypto/broker-keys.ts";
import { createAddressReader } from "./http/client-address.ts";
import { isLoopbackHost } from "./http/loopback-host.ts";

/**
 * Every setting of the broker, with unit and limits, read once from `KUNJI_*` and refused as a whole when anything
 * is wrong. docs/configuration.md is compared with this table by a test.
 */
interface NumberSetting {
  readonly kind: "number";
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly about: string;
}

interface FlagSetting {
  readonly kind: "flag";
  readonly default: boolean;
  readonly about: string;
}

interface TextSetting {
  readonly kind: "text";
  readonly default: string;
  readonly about: string;
  /** What is wrong with a value, to stand behind the setting's name; undefined when nothing is. */
  readonly check?: (value: string) => string | undefined;
}

interface ChoiceSetting {
  readonly kind: "choice";
  readonly default: string;
  readonly choices: readonly string[];
  readonly about: string;
}

export type Setting = NumberSetting | FlagSetting | TextSetting | ChoiceSetting;

const number = (unit: string, value: number, min: number, max: number, about: string): NumberSetting => ({
  kind: "number",
  unit,
  default: value,
  min,
  max,
  about,
});
const flag = (value: boolean, about: string): FlagSetting => ({ kind: "flag", default: value, about });
const text = (about: string, check?: TextSetting["check"]): TextSetting => ({
  kind: "text",
  default: "",
  about,
  ...(check ? { check } : {}),
});

/** The issuer of RFC 8414: https, and nothing behind the host. Plain http only where nobody else can listen. */
function checkPublicUrl(value: string): string | undefined {
  const rule = "must be an origin such as https://login.example.in, with no path";
  if (!URL.canParse(value)) return rule;
  const url = new URL(value);
  if (value !== url.origin && value !== `${url.origin}/`) return rule;
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname))) return undefined;
  return "must start with https://; plain http works on this machine only";
}

function checkKey(value: string): string | undefined {
  return isRefused(() => readMasterKey(value))
    ? "must be 32 bytes, as 43 base64url characters or 64 hex digits"
    : undefined;
}

/** What stands behind the scheme is judged when the sender is opened: it holds a password. */
function checkMessageSender(value: string): string | undefined {
  const isKnown =
    URL.canParse(value) && ["inbox:", "smtp:", "smtps:", "https:", "http:"].includes(new URL(value).protocol);
  return isKnown ? undefined : "must be inbox: or a URL that starts with smtp://, smtps:// or https://";
}

function checkProxies(value: string): string | undefined {
  const rule = "must be addresses or ranges such as 10.0.0.0/8, separated by commas";
  return isRefused(() => createAddressReader(splitProxies(value))) ? rule : undefined;
}

/** The entries of KUNJI_TRUSTED_PROXIES. */
export function splitProxies(value: string): string[] {
  return value
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
}

function isRefused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch {
    return true;
  }
}

export const settingsTable = {
  KUNJI_PUBLIC_URL: text(
    "Origin people and apps reach the broker at, such as https://login.example.in. It is the OAuth issuer. Needed when the broker listens on more than loopback; default: the address it listens on.",
    checkPublicUrl,
  ),
  KUNJI_DATABASE_URL: text(
    "Database: sqlite:PATH or postgres://user:password@host/database. Default: sqlite:kunji.db. What `--database` names comes first, and demo mode does not read it.",
  ),
  KUNJI_KEY: text(
    "The broker key: 32 bytes as base64url or hex. Every process on one database needs the same.",
    checkKey,
  ),
  KUNJI_KEY_FILE: text("File that holds the broker key, mode 0600. Default: the SQLite file's name with `.key` added."),
  KUNJI_MESSAGE_SENDER: text(
    "How one-time codes travel: smtp://user:password@host:587?from=..., smtps://..., or https://gateway/.... Needed outside demo mode.",
    checkMessageSender,
  ),
  KUNJI_LOG_LEVEL: {
    kind: "choice",
    default: "info",
    choices: ["silent", "fatal", "error", "warn", "info", "debug", "trace"],
    about: "Least important kind of line that `kunji serve` writes to stderr; `info` has a line for every request.",
  },
  KUNJI_TRUSTED_PROXIES: text(
    "Comma-separated addresses or ranges whose X-Forwarded-For is believed (S-51).",
    checkProxies,
  ),
  KUNJI_WEBHOOK_LOOPBACK: flag(false, "Allows webhooks to http://127.0.0.1 and [::1]; demo mode turns it on (S-64)."),
  KUNJI_PUSH_NUMBER_MATCH: flag(
    false,
    "Push approval also asks for a two-digit number, which the asking program gets in the header Kunji-Match-Number (D6).",
  ),
  KUNJI_NEWEST_LOGIN_WINS: flag(false, "A new access token ends the earlier one of the same app and account."),
  KUNJI_CODE_LIFETIME: number("seconds", 60, 1, 600, "How long an authorization code can be used (S-11)."),
  KUNJI_ATTEMPT_LIFETIME: number("seconds", 600, 60, 3_600, "How long a login may take (S-35)."),
  KUNJI_OTP_LIFETIME: number("seconds", 300, 30, 600, "How long an SMS code can be used (S-44)."),
  KUNJI_SESSION_LIFETIME: number("seconds", 1_800, 60, 86_400, "How long a browser stays signed in at the console."),
  KUNJI_RATE_PER_SECOND: number("calls", 50, 1, 1e9, "Calls per API and user in a second."),
  KUNJI_RATE_PER_MINUTE: number("calls", 500, 1, 1e9, "Calls per API and user in a minute."),
  KUNJI_RATE_PER_HALF_HOUR: number("calls", 2_000, 1, 1e9, "Calls per API and user in 30 minutes."),
  KUNJI_OTP_PER_NUMBER: number("messages", 3, 1, 1e9, "SMS codes per mobile number in 10 minutes (S-44)."),
  KUNJI_OTP_PER_ADDRESS: number("messages", 300, 1, 1e9, "SMS codes per network address in 10 minutes."),
  KUNJI_OTP_TOTAL: number("messages", 100_000, 1, 1e9, "SMS codes in 10 minutes, all together."),
  KUNJI_BAD_SECRETS_PER_ADDRESS: number(
    "calls",
    60,
    1,
    1e9,
    "Wrong app secrets per network address in a minute (S-23).",
  ),
  KUNJI_INTROSPECT_PER_SECOND: number(
    "calls",
    500,
    1,
    1e9,
    "Introspection calls per network address in a second (S-33).",
  ),
  KUNJI_ORDER_GATEWAY: text(
    "Where orders of order-connect go: https://token@gateway/... gets each approved basket as JSON. Default: the broker's own order book.",
  ),
  KUNJI_TRADEJINI_OTP_LIFETIME: number("seconds", 60, 30, 300, "How long a Tradejini SMS code can be used."),
  KUNJI_TRADEJINI_OTP_PER_SECOND: number(
    "calls",
    3,
    1,
    1e9,
    "Tradejini, OTP zone: calls of individual-token-v2 per network address in a second.",
  ),
  KUNJI_TRADEJINI_KEY_PER_SECOND: number(
    "calls",
    100,
    1,
    1e9,
    "Tradejini, API key zone: calls without a token per API key and network address in a second.",
  ),
  KUNJI_TRADEJINI_DATA_PER_SECOND: number(
    "calls",
    100,
    1,
    1e9,
    "Tradejini, data zone: account data calls per token in a second.",
  ),
  KUNJI_TRADEJINI_GENERAL_PER_SECOND: number(
    "calls",
    10,
    1,
    1e9,
    "Tradejini, general zone: every other call per token in a second.",
  ),
  KUNJI_TRADEJINI_GENERAL_PER_MINUTE: number(
    "calls",
    400,
    1,
    1e9,
    "Tradejini, general zone: every other call per token in a minute.",
  ),
  KUNJI_TRADEJINI_FORBID_UNLISTED_IP: flag(
    false,
    "Answers 403 instead of 401 when an individual app calls from an address it has not registered.",
  ),
  KUNJI_TOKEN_REQUESTS_PER_HOUR: number("requests", 5, 1, 1e9, "Push requests per account in an hour (S-52)."),
} as const satisfies Record<string, Setting>;

type Table = typeof settingsTable;
type ValueOf<S extends Setting> = S extends NumberSetting ? number : S extends FlagSetting ? boolean : string;

export type Settings = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** Thrown with every problem at once. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** `KUNJI_*` names that belong to other parts of Kunji: a shell that has them can run a broker all the same. */
const NOT_OURS = new Set([
  "KUNJI_UPSTOX_URL",
  "KUNJI_TRADEJINI_URL",
  "KUNJI_HOME",
  "KUNJI_VAULT",
  "KUNJI_VAULT_KEY",
  "KUNJI_VAULT_PASSPHRASE",
  "KUNJI_VAULT_NEW_PASSPHRASE",
  "KUNJI_VAULT_FACTORS_KEY",
  "KUNJI_VAULT_FACTORS_PASSPHRASE",
  "KUNJI_NOTIFY_URL",
]);

/**
 * Reads settings from an environment.
 * @throws SettingsError naming every bad and unknown `KUNJI_*` key, never a value
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const values: Record<string, number | boolean | string> = {};
  for (const [name, setting] of Object.entries(settingsTable)) {
    const given = environment[name];
    if (given === undefined || given === "") values[name] = setting.default;
    else values[name] = readValue(name, setting, given, problems);
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith("KUNJI_") && !(name in settingsTable) && !NOT_OURS.has(name)) {
      problems.push(`${name} is not a setting`);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(values) as Settings;
}

function readValue(name: string, setting: Setting, given: string, problems: string[]): number | boolean | string {
  if (setting.kind === "text") {
    const problem = setting.check?.(given);
    if (problem !== undefined) problems.push(`${name} ${problem}`);
    return given;
  }
  if (setting.kind === "choice") {
    if (!setting.choices.includes(given)) problems.push(`${name} must be one of ${setting.choices.join(", ")}`);
    return given;
  }
  if (setting.kind === "flag") {
    if (given === "1" || given === "true") return true;
    if (given === "0" || given === "false") return false;
    problems.push(`${name} must be true or false`);
    return setting.default;
  }
  const value = /^[0-9]{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= setting.min && value <= setting.max) return value;
  problems.push(`${name} must be a whole number of ${setting.unit} from ${setting.min} to ${setting.max}`);
  return setting.default;
}
