/** What leaves the login for other programs: the browser's arguments and environment, the QR code, texts to show. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { maskedNotifierUrl, notifierAdvice, notifierProblem } from "../../src/login/notifier-address.ts";
import { openOneTimeLink } from "../../src/login/one-time-link.ts";
import { openBrowser, publicEnvironment } from "../../src/login/open-browser.ts";
import { otherDeviceHint, qrCode } from "../../src/login/qr-code.ts";
import { Secret } from "../../src/secret.ts";
import { isClosed, navigate, send } from "./_http.ts";
import { TestTimers } from "./_test-timers.ts";

const LOGIN = "https://broker.example/dialog?client_id=abc&state=state-canary";
const KEY = new Secret("notifier-key-canary-notifier-key-canary-xyz");

describe("starting the browser (S-79)", () => {
  it("names a local link that leads to the login page, once", async () => {
    const started: string[] = [];
    expect(await openBrowser(LOGIN, async (url) => void started.push(url))).toBe(true);
    const [link = ""] = started;
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}$/);
    expect(await navigate(link)).toMatchObject({
      status: 303,
      headers: { location: LOGIN, "referrer-policy": "no-referrer" },
    });
    const second = await navigate(link);
    expect(second).toMatchObject({ status: 410, body: expect.stringContaining("This link was opened before") });
    expect(second.headers.location).toBeUndefined();
    expect(second.body).not.toContain("canary");
  });

  it("gives the link to nobody who guesses, rebinds or fetches", async () => {
    const timers = new TestTimers();
    const { url, close } = await openOneTimeLink(LOGIN, timers.setTimer);
    const origin = new URL(url).origin;
    expect((await navigate(`${origin}/`)).status).toBe(404);
    expect((await send(url, { headers: { host: "attacker.example" } })).status).toBe(404);
    expect((await send(url, { headers: { "sec-fetch-mode": "no-cors" } })).status).toBe(404);
    expect((await send(url, { method: "POST" })).status).toBe(404);
    expect((await navigate(url)).status).toBe(303);
    close();
    expect(await isClosed(url)).toBe(true);
  });

  it("takes the link away after a minute", async () => {
    const timers = new TestTimers();
    const { url } = await openOneTimeLink(LOGIN, timers.setTimer);
    timers.fire(60_000);
    expect(await isClosed(url)).toBe(true);
  });

  it("says so when there is no browser, and leaves no link behind", async () => {
    let link = "";
    const none = async (url: string) => {
      link = url;
      throw new Error("no browser");
    };
    expect(await openBrowser(LOGIN, none)).toBe(false);
    expect(await isClosed(link)).toBe(true);
  });

  it("lets the browser inherit what it needs and nothing secret", () => {
    const needed = {
      PATH: "/bin",
      HOME: "/home/a",
      DISPLAY: ":0",
      XAUTHORITY: "/run/x",
      WAYLAND_DISPLAY: "w",
      BROWSER: "firefox",
    };
    const secret = {
      KUNJI_VAULT: "postgres://a:canary@db/kunji",
      KUNJI_VAULT_PASSPHRASE: "canary",
      PGPASSWORD: "canary",
      UPSTOX_API_SECRET: "canary",
      GITHUB_TOKEN: "canary",
      SOME_API_KEY: "canary",
    };
    expect(publicEnvironment({ ...needed, ...secret })).toEqual(needed);
  });
});

describe.runIf(process.platform === "linux")("a real program started as the browser", () => {
  const before = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kunji-browser-"));
  });
  afterEach(() => {
    process.env = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it("sees neither state nor secrets", async () => {
    const seen = join(folder, "seen");
    const browser = join(folder, "browser");
    writeFileSync(browser, `#!/bin/sh\n{ echo "$@"; env; } > ${seen}.part\nmv ${seen}.part ${seen}\n`);
    chmodSync(browser, 0o700);
    const { PATH = "" } = before;
    process.env = { PATH, HOME: folder, BROWSER: browser, KUNJI_VAULT_PASSPHRASE: "passphrase-canary" };
    expect(await openBrowser(LOGIN)).toBe(true);
    const read = () => {
      try {
        return readFileSync(seen, "utf8");
      } catch {
        return "";
      }
    };
    await expect.poll(read, { timeout: 10_000 }).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
    expect(read()).not.toContain("canary");
    expect((await navigate(read().split("\n")[0] ?? "")).headers.location).toBe(LOGIN);
  });
});

describe("a login on a phone", () => {
  it("has a QR code that fits a terminal of 80 columns", async () => {
    const url = `https://api.upstox.com/v2/login/authorization/dialog?response_type=code&client_id=3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa&redirect_uri=http%3A%2F%2F127.0.0.1%3A7475%2Fcallback&state=${"s".repeat(43)}`;
    const code = await qrCode(url, 80);
    expect(code).toContain("▀");
    expect(await qrCode(url, 40)).toBeUndefined();
  });

  it("needs the person to paste the address it ends at", () => {
    expect(otherDeviceHint("http://127.0.0.1:7475/callback")).toMatch(/only this machine can open.*paste it here/);
    expect(otherDeviceHint("https://desk.example.in/cb")).toMatch(/ends at https:\/\/desk\.example\.in\/cb: copy/);
  });
});

describe("the notifier URL", () => {
  it("is explained: what to register, how it gets here, what is screened (protocol/upstox.md 5.4)", () => {
    const advice = notifierAdvice({ title: "Upstox", key: KEY, port: 7476, publicOrigin: "https://bot.example.in" });
    expect(advice).toContain(`https://bot.example.in/kunji/approved/${KEY.reveal()}\n`);
    for (const word of ["127.0.0.1:7476", "tunnel", "dynamic DNS", "certificate", "kunji keep"])
      expect(advice).toContain(word);
  });

  it("keeps its key to itself where others may read (S-80)", () => {
    const advice = notifierAdvice({ title: "Upstox", key: undefined, port: 7476 });
    expect(advice).toContain("https://YOUR-DOMAIN/kunji/approved/YOUR-KEY\n");
    expect(maskedNotifierUrl(`https://bot.example.in/kunji/approved/${KEY.reveal()}`)).toBe(
      "https://bot.example.in/kunji/approved/…",
    );
    expect(maskedNotifierUrl("https://bot.example.in/secret-path?a=b")).toBe("https://bot.example.in/…");
    expect(maskedNotifierUrl("nonsense")).toBe("…");
  });

  it("is compared with the account's own", () => {
    expect(notifierProblem(`https://bot.example.in/kunji/approved/${KEY.reveal()}`, KEY, "Upstox")).toBeUndefined();
    const wrong = notifierProblem("https://bot.example.in/kunji/approved/another-key", KEY, "Upstox");
    expect(wrong).toContain("https://bot.example.in/kunji/approved/…");
    expect(wrong).not.toContain("canary");
    expect(notifierProblem(undefined, KEY, "Upstox")).toContain("No notifier URL");
  });
});
