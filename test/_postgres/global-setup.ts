import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { TestProject } from "vitest/node";
import { startPostgres, type TestPostgres } from "./start-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Port of 127.0.0.1 that answers every connection with the URL of the run's Postgres, as one line of JSON. */
    readonly postgresPort: number;
  }
}

/**
 * One Postgres for a run of vitest. Only a socket is opened here: the server starts when the first test asks for a
 * database, so a run that needs none pays nothing. It stops with the run, also when that is killed.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<TestPostgres> | undefined;
  const answering = createServer((socket) => {
    socket.on("error", () => {});
    started ??= startPostgres();
    started.then(
      ({ url }) => socket.end(JSON.stringify({ url })),
      (error: Error) => socket.end(JSON.stringify({ error: error.message })),
    );
  });
  answering.listen(0, "127.0.0.1");
  await once(answering, "listening");
  project.provide("postgresPort", (answering.address() as AddressInfo).port);
  return async () => {
    answering.close();
    await (await started?.catch(() => undefined))?.close();
  };
}
