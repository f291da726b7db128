import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notifierProblem } from "../../src/login/notifier-address.ts";
import { Secret } from "../../src/secret.ts";
import { eventNotice, failureNotice } from "../../src/service/keeper-notices.ts";
import { createNotifier, type Notice, type NotifySettings } from "../../src/service/notify.ts";
import { createServiceLog } from "../../src/service/service-log.ts";
import { TestClock } from "./_service-clock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kunji-notify-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CANARY = "canary-4b1d";
const NOTICE: Notice = {
  event: "loginRequired",
  broker: "upstox",
  account: "default",
  message: "upstox/default needs a login.",
  nextStep: "Run: kunji login upstox",
  expiresAt: 1_795_557_600,
};

function start(settings: NotifySettings, environment: Readonly<Record<string, string | undefined>> = {}) {
  const clock = new TestClock("2026-11-19T10:00:00+05:30");
  const lines: string[] = [];
  const log = createServiceLog((line) => lines.push(line), clock.now);
  const notifier = createNotifier({ settings, clock, log, environment });
  return { clock, notifier, log: () => lines.join("") };
}

/** A command that writes down how it was called. */
const witness = (out: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  "-e",
  "require('fs').writeFileSync(process.argv[1], JSON.stringify({ env: process.env, argv: process.argv.slice(2) }))",
  out,
  ...args,
];

/** The owner's web service. */
async function startOwner(statuses: readonly number[] = []) {
  const got: { readonly type: string | undefined; readonly body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    got.push({ type: request.headers["content-type"], body: JSON.parse(await text(request)) });
    response.writeHead(statuses[got.length - 1] ?? 204, { location: "/elsewhere" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-${CANARY}`,
    got,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("notifying by a command", () => {
  it("tells the facts in its environment, and nothing else of ours (S-79)", async () => {
    const out = join(folder, "out.json");
    const { notifier, log } = start(
      { command: witness(out, "a; b", "$HOME") },
      {
        PATH: process.env.PATH,
        HOME: "/home/demo",
        KUNJI_VAULT: `postgres://kunji:${CANARY}@db.example/kunji`,
        KUNJI_VAULT_PASSPHRASE: CANARY,
        AWS_SECRET_ACCESS_KEY: CANARY,
      },
    );
    notifier.notify(NOTICE);
    await notifier.settled();
    const { env, argv } = JSON.parse(await readFile(out, "utf8")) as { env: Record<string, string>; argv: string[] };
    expect(argv).toEqual(["a; b", "$HOME"]); // no shell has seen them
    expect(env).toMatchObject({
      HOME: "/home/demo",
      KUNJI_EVENT: "loginRequired",
      KUNJI_BROKER: "upstox",
      KUNJI_ACCOUNT: "default",
      KUNJI_MESSAGE: "upstox/default needs a login.",
      KUNJI_NEXT_STEP: "Run: kunji login upstox",
      KUNJI_EXPIRES_AT: "1795557600",
    });
    expect(JSON.stringify(env)).not.toContain(CANARY);
    expect(log()).toContain("owner notified");
  });

  it.each([
    ["is not there", ["/no/such/program"], "ENOENT"],
    ["fails", [process.execPath, "-e", "process.exit(7)"], "exit code 7"],
  ] as const)("goes on when it %s", async (_name, command, code) => {
    const { notifier, log } = start({ command });
    notifier.notify(NOTICE);
    await notifier.settled();
    expect(log()).toContain(`"code":"${code}"`);
  });

  it("ends a command that does not end", async () => {
    const { notifier, clock, log } = start({ command: [process.execPath, "-e", "setInterval(() => {}, 1000)"] });
    notifier.notify(NOTICE);
    clock.advance(30_000);
    await notifier.settled();
    expect(log()).toContain('"code":"SIGKILL"');
  });

  it("gets the whole of the longest next step: a direct login that was refused, a receiver that may not be reached", async () => {
    const out = join(folder, "out.json");
    const { notifier } = start({ command: witness(out) });
    const key = new Secret("k".repeat(43));
    const address = "https://keeper-of-my-bots.some-longer-domain.example.in/kunji/approved/another-key";
    const nextStep = `${notifierProblem(address, key, "Upstox")} It can be approved until 03:30 IST while "kunji keep" runs; or start a new login.`;
    notifier.notify({ ...NOTICE, nextStep });
    await notifier.settled();
    const { env } = JSON.parse(await readFile(out, "utf8")) as { env: Record<string, string> };
    expect(nextStep.length).toBeGreaterThan(250);
    expect(env.KUNJI_NEXT_STEP).toBe(nextStep);
  });

  it("lets no text reach a terminal's controls (S-97)", async () => {
    const out = join(folder, "out.json");
    const { notifier } = start({ command: witness(out) });
    notifier.notify({ ...NOTICE, message: `\u001b[2J\r\n${"x".repeat(5_000)}` });
    await notifier.settled();
    const { env } = JSON.parse(await readFile(out, "utf8")) as { env: Record<string, string> };
    expect(env.KUNJI_MESSAGE).toMatch(/^\ufffd\[2J\ufffd\ufffdx{590,600}\.\.\.\(\d+\)$/);
  });
});

describe("notifying by a webhook", () => {
  it("posts the facts as JSON", async () => {
    await using owner = await startOwner();
    const { notifier } = start({ url: owner.url });
    notifier.notify(NOTICE);
    await notifier.settled();
    expect(owner.got).toEqual([{ type: "application/json", body: { ...NOTICE, expiresAt: "1795557600" } }]);
  });

  it("tries once more when the other side is in trouble, and never shows the address", async () => {
    await using owner = await startOwner([503, 500]);
    const { notifier, clock, log } = start({ url: owner.url });
    notifier.notify(NOTICE);
    await expect.poll(() => clock.waiting()).toContain(5_000);
    clock.advance(5_000);
    await notifier.settled();
    expect(owner.got).toHaveLength(2);
    expect(log()).toContain('"code":"status 500"');
    expect(log()).not.toContain(CANARY);
  });

  it.each([302, 307, 404])("follows no redirect and gives up at %d", async (status) => {
    await using owner = await startOwner([status]);
    const { notifier } = start({ url: owner.url });
    notifier.notify(NOTICE);
    await notifier.settled();
    expect(owner.got).toHaveLength(1);
  });

  it.each(["http://bot.example.in/hook", "ftp://127.0.0.1/", "file:///etc/passwd", `nonsense ${CANARY}`, ""])(
    "refuses the address %j without repeating it",
    (url) => {
      expect(() => start({ url })).toThrow(/https:\/\/, or http:\/\/ on this machine/);
      expect(() => start({ url })).not.toThrow(CANARY);
    },
  );
});

describe("a bot that asks every second", () => {
  it("does not become a message every second", async () => {
    await using owner = await startOwner();
    const { notifier, clock } = start({ url: owner.url });
    for (let second = 0; second < 700; second++) {
      notifier.notify(NOTICE);
      clock.advance(1_000);
    }
    notifier.notify({ ...NOTICE, account: "second" });
    notifier.notify({ ...NOTICE, event: "renewed" });
    await notifier.settled();
    expect(owner.got).toHaveLength(4);
  });
});

describe("a clock that was set back", () => {
  it("silences nobody until it is where it was", async () => {
    await using owner = await startOwner();
    const { notifier, clock } = start({ url: owner.url });
    notifier.notify(NOTICE);
    clock.set("2026-11-18T10:00:00+05:30");
    notifier.notify(NOTICE);
    await notifier.settled();
    expect(owner.got).toHaveLength(2);
  });
});

describe("what is said", () => {
  it("names the account, the time and what to do", () => {
    const event = { id: "x-1", broker: "upstox", account: "second", at: 0, expiresAt: 1_795_557_600 };
    const page = "http://127.0.0.1:7474/";
    const said = (["renewed", "expiring", "loginRequired", "expired"] as const).map((type) =>
      eventNotice({ ...event, type }, page),
    );
    expect(said.map((notice) => notice?.message)).toEqual([
      "upstox/second is logged in until Wed 25 Nov, 03:30 IST.",
      "upstox/second is logged in only until Wed 25 Nov, 03:30 IST.",
      "upstox/second needs a login.",
      undefined,
    ]);
    expect(said[2]?.nextStep).toBe(`Open ${page} or run: kunji login upstox --account second`);
    expect(
      failureNotice({
        broker: "upstox",
        account: "default",
        code: "LOGIN_FAILED",
        message: "the broker said no",
        nextStep: undefined,
        startedBy: "schedule",
        at: 0,
      }),
    ).toMatchObject({ event: "failed", message: "upstox/default could not be logged in: the broker said no." });
  });
});
