// Our broker as it is built and served: a SQLite file (WAL, FULL) or Postgres, audit rows, metrics and limits on. A
// second one on the same database makes the codes and tokens, so that no garbage of that is left in the one measured.

import { once } from "node:events";
import { createServer } from "node:net";
import { createLog, DEMO_DEFAULTS, readSettings, startServer } from "@kunji/broker";
import { upstoxRoutes } from "@kunji/contract/upstox";
import { issueCodes, issueTokens } from "../dist/issue-credentials.js";
import { answerParent } from "../harness/child-calls.mjs";
import { probes } from "../harness/probe.mjs";

const CUSTOMERS = 100;
/** Every limit is counted and compared; none of them refuses the load of a bench. */
const RAISED = {
  KUNJI_RATE_PER_SECOND: 1e9,
  KUNJI_RATE_PER_MINUTE: 1e9,
  KUNJI_RATE_PER_HALF_HOUR: 1e9,
  KUNJI_BAD_SECRETS_PER_ADDRESS: 1e9,
  KUNJI_INTROSPECT_PER_SECOND: 1e9,
  // Longer than a soak: the codes are made before it begins.
  KUNJI_CODE_LIFETIME: 86_400,
};

let server;
let holders;

answerParent({
  ...probes,
  start,
  codes: (count) => issueCodes(server.parts, holders, count),
  tokens: (count) => issueTokens(server.parts, holders, count),
  /** Tokens as they were made so many milliseconds ago; their texts are of no use to anybody. */
  async oldTokens({ count, ageMs }) {
    const past = server.parts.clock.now() - ageMs;
    await issueTokens({ ...server.parts, clock: { now: () => past } }, holders, count);
  },
  close: () => server.close(1_000),
});

/**
 * @param database URL of the store
 * @param key the broker key as base64url
 * @param settings that differ from a bench's own; with `asShipped` the limits are the default ones
 * @param customers how many; 100 by default
 */
async function start({ database, key, settings = {}, asShipped = false, customers = CUSTOMERS }) {
  const port = await freePort();
  server = await startServer({
    port,
    host: "127.0.0.1",
    database,
    masterKey: Buffer.from(key, "base64url"),
    // What goes wrong is said; a line for every request would be written to nobody.
    log: createLog("error"),
    settings: { ...readSettings({}), ...(asShipped ? {} : RAISED), ...settings },
    demo: { ...DEMO_DEFAULTS, customers },
  });
  const { app, customers: people } = server.demo.upstox;
  holders = {
    clientId: app.clientId,
    redirectUri: app.redirectUri,
    accountIds: people.map(({ userId }) => `upstox:${userId}`),
  };
  return {
    port,
    app,
    customers: people.map(({ userId, mobileNumber, pin }) => ({ userId, mobileNumber, pin })),
    paths: {
      token: upstoxRoutes.token.path,
      profile: upstoxRoutes.getProfile.path,
      introspection: "/oauth/introspect",
    },
  };
}

/** Behind a public URL the broker does not tell the port it took. */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
