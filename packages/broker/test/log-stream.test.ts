import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { LogStream } from "../src/log-stream.ts";
import { temporaryDirectory } from "./store/_child-broker.ts";

const hooks = new URL("./store/_typescript-hooks.mjs", import.meta.url).href;
const log = new URL("../src/log.ts", import.meta.url).href;
const SAYS = `
  const { createLog } = await import(${JSON.stringify(log)});
  const log = createLog("info");
  for (let line = 1; line <= 300; line++) log.info({ line }, "x".repeat(line));
  await new Promise((resolve) => setTimeout(resolve, 5));
  log.info("last");
  console.log("survived");
`;
const words = ["--conditions=kunji-source", "--import", hooks, "--input-type=module", "-e", SAYS];
const cwd = fileURLToPath(new URL("../../..", import.meta.url));

describe("the log", () => {
  it("brings every line whole and in order", async () => {
    const { stderr } = await promisify(execFile)(process.execPath, words, { cwd });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { line?: number }).line)).toEqual([
      ...Array.from({ length: 300 }, (_, index) => index + 1),
      undefined,
    ]);
  });

  it("neither ends the process nor keeps it from ending when its disk is full (S-119)", () => {
    using directory = temporaryDirectory();
    const script = `ulimit -f 8; exec "$@" 2> "${join(directory.path, "log")}"`;
    const command = ["-c", script, "sh", process.execPath, ...words];
    const { status, stdout } = spawnSync("sh", command, { cwd, encoding: "utf8", timeout: 60_000 });
    expect([status, stdout]).toEqual([0, "survived\n"]);
    expect(readFileSync(join(directory.path, "log"), "utf8")).toContain('"line":1,');
  });

  it("goes on when whoever read it is gone", async () => {
    const child = spawn(process.execPath, words, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.destroy();
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
    expect([code, said]).toEqual([0, "survived\n"]);
  });
});

describe("a log stream", () => {
  it("loses what is beyond its bound, and says how much when there is room again (S-124)", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "log");
    writeFileSync(path, "");
    const fd = openSync(path, "r+");
    const lost = await new Promise<number>((resolve) => {
      const stream = new LogStream({ fd, mostWaiting: 10, onLost: resolve });
      for (const line of ["one\n", "two\n", "three\n", "four\n"]) stream.write(line);
    });
    expect(lost).toBe(2);
    const read = Buffer.alloc(100);
    expect(read.toString("utf8", 0, readSync(fd, read, 0, 100, 0))).toMatch(/^one\n/);
    closeSync(fd);
  });

  it("writes what waits before it returns when it is told to", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "log");
    const fd = openSync(path, "w");
    const stream = new LogStream({ fd });
    for (let line = 0; line < 1_000; line++) stream.write(`${line}\n`);
    stream.flushSync();
    const lines = () => readFileSync(path, "utf8").split("\n");
    expect(lines()).toContain("999");
    // The first piece was on its way already.
    while (!lines().includes("0")) await new Promise((resolve) => setImmediate(resolve));
    expect(lines()).toHaveLength(1_001);
    closeSync(fd);
  });
});
