import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GentleStop } from "../../src/http/gentle-stop.ts";

const LONG_MS = 20_000;

let app: FastifyInstance;
let stop: GentleStop;
let agent: Agent;
let port: number;
/** Lets the slow route answer. */
let answerSlow: () => void;
/** Resolves when the slow route was asked. */
let slowAsked: Promise<void>;

beforeEach(async () => {
  app = Fastify({ return503OnClosing: false, forceCloseConnections: "idle" });
  let asked = () => {};
  slowAsked = new Promise((resolve) => {
    asked = resolve;
  });
  const release = new Promise<void>((resolve) => {
    answerSlow = resolve;
  });
  app.get("/", async () => "quick");
  app.get("/slow", async () => {
    asked();
    await release;
    return "slow";
  });
  stop = new GentleStop(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  ({ port } = app.server.address() as AddressInfo);
  // One connection for everything.
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  agent.destroy();
  await app.close();
});

interface Answer {
  readonly body: string;
  readonly connection: string | undefined;
}

async function get(path: string, through: Agent | false = agent): Promise<Answer> {
  const sent = request({ port, path, host: "127.0.0.1", agent: through }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { body: await text(response), connection: response.headers.connection };
}

describe("a gentle stop (S-115)", () => {
  it("first closes the port; who has a connection is served as before", async () => {
    await get("/");
    await stop.stopAccepting();
    await expect(get("/", false)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await get("/")).toEqual({ body: "quick", connection: "keep-alive" });
    expect(await get("/")).toEqual({ body: "quick", connection: "keep-alive" });
  });

  it("answers a request that comes on an idle connection, and closes it with the answer", async () => {
    await get("/");
    await stop.stopAccepting();
    const closed = stop.close(LONG_MS);
    const answers = [await get("/")];
    // Fastify needs a turn until it says so.
    while (answers.at(-1)?.connection !== "close") answers.push(await get("/"));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(["quick"]));
    await closed;
  });

  it("closes a connection with the answer that was under way", async () => {
    const slow = get("/slow");
    await slowAsked;
    await stop.stopAccepting();
    const closed = stop.close(LONG_MS);
    await new Promise((resolve) => setImmediate(resolve));
    answerSlow();
    expect(await slow).toEqual({ body: "slow", connection: "close" });
    await closed;
  });

  it("lets go of connections that stay idle", async () => {
    await get("/");
    const idle = Object.values(agent.freeSockets).flat()[0];
    if (!idle) throw new Error("the connection was not kept");
    const gone = once(idle, "close");
    await stop.close(1);
    await gone;
  });

  it("lets go of connections that never brought a request", async () => {
    const accepted = once(app.server, "connection");
    const silent = connect(port, "127.0.0.1");
    await accepted;
    const gone = once(silent, "close");
    await stop.close(1);
    await gone;
  });
});
