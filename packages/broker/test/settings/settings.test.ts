import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSettings, SettingsError, settingsTable } from "../../src/settings.ts";

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const numbers = Object.entries(settingsTable).filter(([, setting]) => setting.kind === "number") as [
  string,
  { min: number; max: number; default: number; unit: string },
][];
const flags = Object.entries(settingsTable).filter(([, setting]) => setting.kind === "flag") as [
  string,
  { default: boolean },
][];

describe("readSettings", () => {
  it("is the defaults for an empty environment, and cannot be changed afterwards", () => {
    const settings = readSettings({});
    for (const [name, setting] of Object.entries(settingsTable)) expect(settings).toHaveProperty(name, setting.default);
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it("leaves other people's variables and the addresses of brokers alone", () => {
    expect(
      problemsOf({ PATH: "/bin", kunji_x: "1", KUNJI_UPSTOX_URL: "http://127.0.0.1:1", KUNJI_TRADEJINI_URL: "x" }),
    ).toEqual([]);
  });

  it("takes an empty value as not set", () => {
    expect(readSettings(Object.fromEntries(Object.keys(settingsTable).map((name) => [name, ""])))).toEqual(
      readSettings({}),
    );
  });

  it.each(numbers)("%s: whole numbers within its limits, both included", (name, { min, max, unit }) => {
    for (const good of [min, max]) expect(readSettings({ [name]: String(good) })).toHaveProperty(name, good);
    const rule = `${name} must be a whole number of ${unit} from ${min} to ${max}`;
    for (const bad of [min - 1, max + 1, -1, 1.5, "1e2", "0x10", " 5", "five", "9".repeat(40), "Infinity"]) {
      expect(problemsOf({ [name]: String(bad) })).toEqual([rule]);
    }
  });

  it.each(flags)("%s: true or false", (name) => {
    for (const [text, value] of [
      ["1", true],
      ["true", true],
      ["0", false],
      ["false", false],
    ] as const) {
      expect(readSettings({ [name]: text })).toHaveProperty(name, value);
    }
    for (const bad of ["yes", "TRUE", "2", "on"])
      expect(problemsOf({ [name]: bad })).toEqual([`${name} must be true or false`]);
  });

  it.each([
    ["KUNJI_PUBLIC_URL", ["https://login.example.in", "https://login.example.in:8443", "http://127.0.0.1:8080"]],
    ["KUNJI_KEY", [randomBytes(32).toString("base64url"), randomBytes(32).toString("hex")]],
    [
      "KUNJI_MESSAGE_SENDER",
      ["inbox:", "smtps://u:p@mail.example.in?from=a%40b.in", "https://token@gateway.example.in/send"],
    ],
    ["KUNJI_TRUSTED_PROXIES", ["10.0.0.1", "10.0.0.0/8, 2001:db8::/32", " , "]],
    ["KUNJI_LOG_LEVEL", ["silent", "info", "trace"]],
  ])("%s takes what it should", (name, values) => {
    for (const value of values) expect(readSettings({ [name]: value })).toHaveProperty(name, value);
  });

  it.each([
    [
      "KUNJI_PUBLIC_URL",
      ["login.example.in", "http://login.example.in", "https://login.example.in/path", "https://u@x.in", "ftp://x.in"],
    ],
    ["KUNJI_KEY", ["short", "0".repeat(63), "*".repeat(43)]],
    ["KUNJI_MESSAGE_SENDER", ["mail.example.in", "ftp://x.in", "not a url"]],
    ["KUNJI_TRUSTED_PROXIES", ["10.0.0", "10.0.0.0/99", "proxy.example.in", "10.0.0.1;10.0.0.2"]],
    ["KUNJI_LOG_LEVEL", ["verbose", "INFO"]],
  ])("%s refuses what it should, in one line that begins with its name", (name, values) => {
    for (const value of values) {
      const problems = problemsOf({ [name]: value });
      expect(problems, value).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^${name} must `));
    }
  });

  it("names everything that is wrong at once, the unknown too, and shows no value", () => {
    const canary = "cAnArY-secret-value";
    const environment = {
      KUNJI_PUBLIC_URL: canary,
      KUNJI_KEY: canary,
      KUNJI_MESSAGE_SENDER: `smtp//user:${canary}@host`,
      KUNJI_TRUSTED_PROXIES: canary,
      KUNJI_CODE_LIFETIME: canary,
      KUNJI_NEWEST_LOGIN_WINS: canary,
      KUNJI_LOG_LEVEL: canary,
      KUNJI_CODE_LIFETIM: canary,
      KUNJI_SECRET: canary,
    };
    const problems = problemsOf(environment);
    expect(problems.map((problem) => problem.split(" ")[0]).toSorted()).toEqual(Object.keys(environment).toSorted());
    expect(problems.join()).not.toContain(canary);
    expect(() => readSettings(environment)).toThrow(problems.join("\n"));
  });

  it("never throws anything else, and never shows a value, whatever is given", () => {
    const marked = fc.string({ unit: "binary", maxLength: 30 }).map((text) => `${text}cAnArY${text}`);
    const environment = fc.dictionary(fc.constantFrom(...Object.keys(settingsTable), "KUNJI_X"), marked);
    fc.assert(
      fc.property(environment, (given) => {
        expect(problemsOf(given).join()).not.toContain("cAnArY");
      }),
    );
  });
});
