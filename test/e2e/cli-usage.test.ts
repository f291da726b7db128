import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildKunji, kunji } from "./_kunji.ts";

let folder: string;
beforeAll(async () => {
  await buildKunji();
  folder = await mkdtemp(join(tmpdir(), "kunji-usage-"));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("kunji", () => {
  it("prints its version", async () => {
    expect(await kunji(["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("lists the commands and exit codes with --help", async () => {
    const { code, stdout } = await kunji(["--help"]);
    expect(code).toBe(0);
    for (const word of ["demo", "serve", "Exit codes", "3 login needed"]) expect(stdout).toContain(word);
  });

  it("shows the help and ends with 2 when nothing is asked for", async () => {
    const { code, stdout, stderr } = await kunji([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: kunji");
  });

  it.each([
    [["serv"], "unknown command 'serv'"],
    [["serve", "--prot", "1"], "unknown option '--prot'"],
    [["serve", "--port", "99999"], "whole number from 0 to 65535"],
    [["serve", "--port", "80a"], "whole number from 0 to 65535"],
    [["serve", "--demo", "--customers", "0"], "whole number from 1 to"],
    [["serve", "extra"], "too many arguments"],
    [["demo", "extra"], "too many arguments"],
    [["demo", "--once", "--stay"], "cannot be used with option '--stay'"],
    [["demo", "--broker", "zerodha"], "Allowed choices are upstox, tradejini"],
  ])("refuses %j with exit code 2 and a sentence", async (words, sentence) => {
    const { code, stdout, stderr } = await kunji(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe("kunji serve, used wrongly", () => {
  it.each([
    [["--demo", "--database", "postgres://u:geheim@h:x/db"], "--database must be sqlite:PATH"],
    [["--demo", "--database", "mysql://u:geheim@h/db"], "--database must be sqlite:PATH"],
    [["--demo", "--workers", "2"], "--workers need a database they can share"],
    [
      ["--demo", "--workers", "2", "--database", "sqlite:x.db", "--control"],
      "--control moves the clock of one process",
    ],
    [["--demo", "--host", "0.0.0.0"], "KUNJI_PUBLIC_URL"],
    [["--demo", "--host", "0.0.0.0", "--control"], "--control works on this machine only"],
    [["--demo", "--redirect-uri", "http://example.com/cb"], "--redirect-uri is no address"],
    [["--demo", "--notifier-url", "nonsense"], "--notifier-url is no address"],
    [["--customers", "3"], "--customers belongs to demo data"],
    [[], "KUNJI_MESSAGE_SENDER"],
  ])("refuses %j with exit code 2", async (words, sentence) => {
    const { code, stdout, stderr } = await kunji(["serve", "--port", "0", ...words], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("geheim");
  });

  it("lists all bad settings at once, by name and never by value", async () => {
    const { code, stderr } = await kunji(["serve", "--demo", "--port", "0"], {
      env: {
        KUNJI_OTP_LIFETIM: "geheim",
        KUNJI_CODE_LIFETIME: "geheim",
        KUNJI_LOG_LEVEL: "geheim",
        KUNJI_PUBLIC_URL: "geheim",
      },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("4 things are wrong");
    expect(stderr).toContain("KUNJI_OTP_LIFETIM is not a setting");
    expect(stderr).toContain("KUNJI_CODE_LIFETIME must be a whole number of seconds from 1 to 600");
    expect(stderr).toContain("KUNJI_LOG_LEVEL must be one of silent, fatal");
    expect(stderr).toContain("KUNJI_PUBLIC_URL must be an origin");
    expect(stderr).not.toContain("geheim");
  });

  it.each([
    [{ KUNJI_KEY: "geheim" }, "32 bytes"],
    [{ KUNJI_MESSAGE_SENDER: "gopher://geheim" }, "KUNJI_MESSAGE_SENDER must be"],
  ])("refuses %j without repeating the value", async (env, sentence) => {
    const { code, stderr } = await kunji(["serve", "--demo", "--port", "0"], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("geheim");
  });

  it("refuses a database whose key file is gone, and makes no new one", async () => {
    const path = join(folder, "keyless.db");
    await writeFile(path, "something");
    const { code, stderr } = await kunji(["serve", "--demo", "--port", "0", "--database", `sqlite:${path}`]);
    expect(code).toBe(2);
    expect(stderr).toContain("put it back");
    await expect(stat(`${path}.key`)).rejects.toThrow("ENOENT");
  });

  it("says that the port is taken, with exit code 1", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const { code, stdout, stderr } = await kunji(["serve", "--demo", "--port", String(port)]);
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`Port ${port} is taken`);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
