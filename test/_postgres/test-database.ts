import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { inject } from "vitest";

/** An empty database of the run's Postgres. */
export interface TestDatabase extends AsyncDisposable {
  /** `postgres://user:password@host:port/name`. */
  readonly url: string;
  /** Cuts the connections to it and removes it. What is not dropped goes with the server at the end of the run. */
  drop(): Promise<void>;
}

/** Creates an empty database, in about 30 ms; the first one of a run starts the server, in about a second. */
export async function testDatabase(): Promise<TestDatabase> {
  const admin = await postgresUrl();
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runAsAdmin(admin, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const drop = () => runAsAdmin(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: url.href, drop, [Symbol.asyncDispose]: drop };
}

let asked: Promise<string> | undefined;

/** URL of the administrator of the run's Postgres, which starts when it is first asked for. */
export function postgresUrl(): Promise<string> {
  asked ??= askForUrl(inject("postgresPort"));
  return asked;
}

async function askForUrl(port: number): Promise<string> {
  const answer = JSON.parse(await text(connect(port, "127.0.0.1"))) as { url: string } | { error: string };
  if ("error" in answer) throw new Error(answer.error);
  return answer.url;
}

async function runAsAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
