// Our broker as it is built and served: SQLite in a file (WAL, FULL), audit rows, metrics and limits on. A second one on
// the same file makes the codes and tokens, so that no garbage of that is left in the one that is measured.
import { DEMO_DEFAULTS, readSettings, startServer } from "@kunji/broker";
import { issueCodes, issueTokens } from "../dist/issue-credentials.js";
import { answerParent } from "../harness/child-calls.mjs";

const CUSTOMERS = 100;
/** Every limit is counted and compared; none of them refuses the load of a bench. */
const RAISED = {
  KUNJI_RATE_PER_SECOND: 1e9,
  KUNJI_RATE_PER_MINUTE: 1e9,
  KUNJI_RATE_PER_HALF_HOUR: 1e9,
  KUNJI_BAD_SECRETS_PER_ADDRESS: 1e9,
  KUNJI_CODE_LIFETIME: 600,
};

let server;
let holders;

answerParent({
  start,
  codes: (count) => issueCodes(server.parts, holders, count),
  tokens: (count) => issueTokens(server.parts, holders, count),
  cpu: () => process.cpuUsage(),
});

/** @param store `file` of the database, and the broker `key` as base64url */
async function start({ file, key }) {
  server = await startServer({
    port: 0,
    host: "127.0.0.1",
    database: `sqlite:${file}`,
    masterKey: Buffer.from(key, "base64url"),
    settings: { ...readSettings({}), ...RAISED },
    demo: { ...DEMO_DEFAULTS, customers: CUSTOMERS },
  });
  const { app, customers } = server.demo.upstox;
  holders = {
    clientId: app.clientId,
    redirectUri: app.redirectUri,
    accountIds: customers.map(({ userId }) => `upstox:${userId}`),
  };
  return { port: Number(new URL(server.url).port), app };
}
