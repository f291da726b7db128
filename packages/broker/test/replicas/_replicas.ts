import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestDatabase, testDatabase } from "../../../../test/_postgres/test-database.ts";
import { type StartBrokerOptions, startBroker, type TestBroker } from "../../src/testing/index.ts";
import type { Place } from "../login/_login.ts";
import { UNLIMITED } from "../store/_unlimited.ts";

/** Brokers on one database, and a load balancer before them. */
export interface Replicas extends AsyncDisposable {
  readonly brokers: readonly [TestBroker, TestBroker];
  /** Where people and apps reach them. */
  readonly url: string;
  /** The database's own. */
  readonly databaseUrl: string;
  /** How many requests each replica got through the load balancer. */
  readonly taken: readonly number[];
  /** The demo data, and what either replica "sent". */
  readonly place: Place & Pick<TestBroker, "tradejini">;
  /** A replica itself, past the load balancer. @param index any number: they take turns */
  readonly direct: (index: number) => { readonly url: string; readonly upstox: TestBroker["upstox"] };
}

/** Starts two brokers on an empty Postgres database, with one issuer, and sends each request to the other one. */
export async function startReplicas(options: StartBrokerOptions = {}): Promise<Replicas> {
  const database = await testDatabase();
  const balancer = await startBalancer();
  const masterKey = randomBytes(32);
  const start = () =>
    startBroker({
      customers: 3,
      ...options,
      database: database.url,
      masterKey,
      settings: { ...UNLIMITED, KUNJI_PUBLIC_URL: balancer.url, ...options.settings },
    });
  const brokers = [await start(), await start()] as const;
  balancer.targets.push(...brokers.map(({ server }) => server.port));
  const { upstox, tradejini } = brokers[0];
  return {
    brokers,
    url: balancer.url,
    databaseUrl: database.url,
    taken: balancer.taken,
    place: {
      url: balancer.url,
      upstox,
      tradejini,
      async inbox() {
        // Whichever of them was asked to send it.
        await brokers[1].server.settled();
        return await brokers[0].inbox();
      },
    },
    direct: (index) => ({ url: `http://127.0.0.1:${balancer.targets[index % 2]}`, upstox }),
    [Symbol.asyncDispose]: () => stop(brokers, balancer, database),
  };
}

async function stop(brokers: readonly TestBroker[], balancer: Balancer, database: TestDatabase): Promise<void> {
  await Promise.all(brokers.map((broker) => broker.close()));
  await balancer.close();
  await database.drop();
}

interface Balancer {
  readonly url: string;
  readonly targets: number[];
  readonly taken: number[];
  readonly close: () => Promise<void>;
}

/** Round robin, request by request: the hardest there is for a login that keeps something in one process. */
async function startBalancer(): Promise<Balancer> {
  const targets: number[] = [];
  const taken: number[] = [];
  let next = 0;
  const server = createServer((incoming, outgoing) => {
    const index = next++ % targets.length;
    taken[index] = (taken[index] ?? 0) + 1;
    const { method, url: path, headers } = incoming;
    const onward = sendRequest({ host: "127.0.0.1", port: targets[index], method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    taken,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
