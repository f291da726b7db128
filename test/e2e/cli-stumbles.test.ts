// What a person stumbles over: names mistyped, a broker or database that keeps silent, Ctrl-C.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildKunji, Kunji, kunji } from "./_kunji.ts";

let home: string;
beforeAll(() => buildKunji(), 180_000);
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "kunji-stumbles-"));
  return () => rm(home, { recursive: true, force: true });
});

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  KUNJI_HOME: home,
  KUNJI_VAULT_KEY: "file",
  ...more,
});

const run = (words: string, more?: Readonly<Record<string, string>>, input?: string) =>
  kunji(words.split(" "), { env: environment(more), ...(input === undefined ? {} : { input }) });

const add = (words = "", more?: Readonly<Record<string, string>>) =>
  run(
    `accounts add upstox --client-id some-key --secrets-stdin ${words}`.trim(),
    more,
    '{"clientSecret":"some-secret"}',
  );

/** Somebody who takes connections and never says a word. */
async function silence(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

describe("a name that does not fit", () => {
  it.each([
    "token upstox --account Family",
    "login upstox --account ../x",
    "status --account a/b",
    "doctor --account a~b",
    "accounts show upstox --account Ü",
    "accounts remove upstox --account .hidden",
    "vault forget upstox --account A",
  ])("is wrong use, said in a sentence: kunji %s", async (words) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("An account name has 1 to 64 of");
  });

  it.each(["token", "status", "doctor", "profile", "accounts remove", "accounts add"])(
    "of a broker is answered with those there are: kunji %s",
    async (words) => {
      const { code, stderr } = await run(`${words} zerodha`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/Choose one of: upstox, tradejini/);
    },
  );

  it("of an account that is not there is no empty list", async () => {
    await add();
    const { code, stdout, stderr } = await run("status --account family");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("No account is called family");
    expect((await run("status tradejini")).stdout).toContain("No account at Tradejini yet");
  });
});

describe("an account that is there already", () => {
  it("is said before anything else is asked for", async () => {
    await add();
    const { code, stderr } = await run("accounts add upstox");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "kunji: There is an account upstox/default already. Choose another name with --account, or say --replace.\n",
    );
  });
});

describe("an address that would give the secret away (S-72)", () => {
  it("is refused when the account is added, and says what to use", async () => {
    const { code, stderr } = await add("--host http://api.example.in");
    expect(code).toBe(2);
    expect(stderr).toContain("use https");
  });

  it.each(["http://api.example.in", "banana"])("is refused before the login when %s is set later", async (host) => {
    await add();
    const { code, stderr } = await run("login upstox", { KUNJI_UPSTOX_URL: host });
    expect(code).toBe(2);
    expect(stderr).toContain("KUNJI_UPSTOX_URL");
    const doctor = await run("doctor", { KUNJI_UPSTOX_URL: host });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain("neither https nor on this machine");
  });
});

describe("kunji doctor", () => {
  it("looks at the machine of somebody who has no account yet", async () => {
    const { code, stdout } = await run("doctor");
    expect(code).toBe(0);
    expect(stdout).toContain("The vault opens");
    expect(stdout).toContain("No account yet. Add one: kunji accounts add upstox");
  });
});

describe("Ctrl-C", () => {
  it("ends a command whose database does not answer", async () => {
    const server = createServer();
    await using database = await silence(server);
    const connected = once(server, "connection");
    const vault = `postgres://kunji@127.0.0.1:${database.port}/vault`;
    await using status = new Kunji(["status"], { env: environment({ KUNJI_VAULT: vault }) });
    await connected;
    status.kill("SIGINT");
    await status.ended;
    expect(status.child.signalCode).toBe("SIGINT");
  });

  it("ends a command that waits for the broker, and says so", async () => {
    const server = createHttpServer();
    await using broker = await silence(server);
    const more = { KUNJI_UPSTOX_URL: `http://127.0.0.1:${broker.port}` };
    await add("", more);
    const asked = once(server, "request");
    await using doctor = new Kunji(["doctor"], { env: environment(more) });
    await asked;
    doctor.kill("SIGINT");
    expect(await doctor.ended).toMatchObject({ code: 1, stdout: "", stderr: "kunji: Stopped.\n" });
  });
});
