import { DEMO_DEFAULTS } from "../../src/demo/demo.ts";
import type { InboxEntry } from "../../src/demo/demo-inbox.ts";
import { type RunningBroker, type ServerOptions, startServer } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import type { UpstoxDemo } from "../../src/testing/index.ts";
import type { TradejiniDemo } from "../../src/tradejini/demo-tradejini.ts";
import { UNLIMITED } from "./_unlimited.ts";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly upstox: UpstoxDemo;
  readonly tradejini: TradejiniDemo;
  readonly inbox: () => Promise<InboxEntry[]>;
  readonly server: RunningBroker;
}

/** A server as `kunji serve --demo` starts it: without control, with what `startBroker()` cannot be given. */
export async function startTestServer(
  options: Pick<ServerOptions, "database" | "masterKey"> & Partial<ServerOptions>,
): Promise<TestServer> {
  const server = await startServer({
    port: 0,
    host: "127.0.0.1",
    settings: { ...readSettings({}), ...UNLIMITED },
    demo: { ...DEMO_DEFAULTS, customers: 1 },
    ...options,
  });
  const { inbox } = server;
  if (!server.demo || !inbox) throw new Error("the server started without demo data");
  return {
    url: server.url,
    upstox: server.demo.upstox,
    tradejini: server.demo.tradejini,
    async inbox() {
      await server.settled();
      return await inbox.list();
    },
    server,
    [Symbol.asyncDispose]: () => server.close(1_000),
  };
}
