import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildKunji, Kunji, kunji } from "./_kunji.ts";

let folder: string;
beforeAll(async () => {
  await buildKunji();
  folder = await mkdtemp(join(tmpdir(), "kunji-demo-test-"));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A token as the broker makes them: prefix, row key, secret. */
const wholeToken = /ku(?:px|tj)_at_[A-Za-z0-9_-]{20,}/;

const stepNames = (result: { readonly steps?: unknown }) =>
  (result.steps as { readonly name: string }[]).map(({ name }) => name);

describe("kunji demo", () => {
  it("logs in by itself without a terminal, shows everything, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await kunji(["demo"], { env: { TMPDIR: folder } });
    expect(code, stderr).toBe(0);
    for (const text of [
      "Started a broker",
      "Typed the mobile number",
      "Typed the code",
      "Typed the PIN",
      "Came back to the app",
      "Demo Customer 1",
      "IST",
      "left",
      "Funds",
      "Logged out",
      "the profile answers 401 UDAPI100050",
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toMatch(/kupx_at_.{4}\.\.\../);
    expect(stdout + stderr).not.toMatch(wholeToken);
    expect(stdout).not.toContain("\u001b");
    expect(await readdir(folder)).toEqual([]);
  });

  it("prints one JSON object with --json, the token shortened", async () => {
    const { code, stdout } = await kunji(["demo", "--once", "--json", "--broker", "upstox"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stdout).not.toMatch(wholeToken);
    const result = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    // Between 00:00 and 05:30 IST there is also a notice.
    expect(Object.keys(result).filter((key) => key !== "notice")).toEqual([
      "broker",
      "steps",
      "session",
      "profile",
      "funds",
    ]);
    expect(result.funds).toHaveProperty("availableToTrade.total");
    expect(result.session?.accessToken).toMatch(/^kupx_at_.{4}\.\.\..{2}$/);
    expect(result.session?.expiresAt).toMatch(/T03:30:00\+05:30$/);
    expect(result.profile?.userId).toBe(result.session?.userId);
    expect(stepNames(result)).toEqual([
      "broker",
      "dialog",
      "mobile_number",
      "otp",
      "pin",
      "callback",
      "token",
      "logout",
      "token_refused",
    ]);
  });

  it("stays up with --stay until it is told to stop, and then removes its data", async () => {
    await using demo = new Kunji(["demo", "--stay"], { env: { TMPDIR: folder } });
    const text = await demo.says("Ctrl-C stops it");
    const url = /http:\/\/127\.0\.0\.1:\d+(?=\/inbox)/.exec(text)?.[0];
    expect((await fetch(`${url}/inbox`)).status).toBe(200);
    expect(await readdir(folder)).toHaveLength(1);
    demo.kill("SIGINT");
    expect((await demo.ended).code).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("cleans up when it is stopped half way, with exit code 1", async () => {
    await using demo = new Kunji(["demo", "--once"], { env: { TMPDIR: folder } });
    await demo.says("Started a broker");
    demo.kill("SIGTERM");
    const { code } = await demo.ended;
    // The signal may also come when all is done.
    expect([0, 1]).toContain(code);
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes no notice of settings meant for another broker", async () => {
    const env = { KUNJI_UPSTOX_URL: "http://127.0.0.1:9", KUNJI_KEY: "nonsense", KUNJI_CODE_LIFETIME: "nonsense" };
    expect((await kunji(["demo", "--once"], { env })).code).toBe(0);
  });
});

describe("kunji demo --broker tradejini", () => {
  it("performs both logins, shows everything, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await kunji(["demo", "--broker", "tradejini"], { env: { TMPDIR: folder } });
    expect(code, stderr).toBe(0);
    for (const text of [
      "both Tradejini logins",
      "Typed the client code",
      "Typed the password",
      "Typed the code",
      "Allowed access",
      "Came back to the app",
      "Exchanged the code",
      "Demo Customer 2",
      "Funds",
      "Logged in directly",
      "Session of the direct login",
      "Demo Customer 1",
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.match(/the details answer 401 UNAUTHORIZED/g)).toHaveLength(2);
    expect(stdout).toMatch(/kutj_at_.{4}\.\.\./);
    expect(stdout + stderr).not.toMatch(wholeToken);
    expect(await readdir(folder)).toEqual([]);
  });

  it("prints one JSON object with --json, the tokens shortened", async () => {
    const { code, stdout } = await kunji(["demo", "--once", "--json", "--broker", "tradejini"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stdout).not.toMatch(wholeToken);
    const result = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(Object.keys(result)).toEqual(["broker", "steps", "session", "profile", "funds", "directSession"]);
    expect(result.broker).toBe("tradejini");
    expect(stepNames(result)).toEqual([
      "broker",
      "dialog",
      "client_code",
      "password",
      "two_fa",
      "decision",
      "callback",
      "token",
      "logout",
      "token_refused",
      "direct_login",
      "direct_logout",
      "direct_token_refused",
    ]);
    expect(result.profile?.userId).toBe(result.session?.userId);
    expect(result.directSession?.accessToken).toMatch(/^kutj_at_.{4}\.\.\..{2}$/);
  });

  it("stays up with --stay, and says whom to log in as", async () => {
    await using demo = new Kunji(["demo", "--stay", "--broker", "tradejini"], { env: { TMPDIR: folder } });
    const text = await demo.says("Ctrl-C stops it");
    expect(text).toMatch(/Client code +Password\n/);
    demo.kill("SIGTERM");
    expect((await demo.ended).code).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes no notice of settings meant for another broker", async () => {
    const env = { KUNJI_TRADEJINI_URL: "http://127.0.0.1:9/v2" };
    expect((await kunji(["demo", "--once", "--broker", "tradejini"], { env })).code).toBe(0);
  });
});
