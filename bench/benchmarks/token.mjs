// Exchanging a code for a token, durably: every request carries a code of its own.
import { upstoxRoutes } from "@kunji/contract/upstox";
import { compare, exchangeForm, runRounds, withServers } from "./server-rounds.mjs";

const GOAL = 0.4;
/** Codes ready for a round: for a first guess, then for the rate of the round before and some more. */
const FIRST_PER_SECOND = 25_000;
const RESERVE = 1.3;
const CODE_LENGTH = 67;

export function measureToken(options) {
  return withServers(async (servers) => {
    const after = `&${new URLSearchParams(exchangeForm(servers.app))}`;
    const runs = await runRounds(servers, options, async (contender, perSecond = FIRST_PER_SECOND) => {
      const count = Math.ceil(perSecond * options.seconds * RESERVE);
      // Bare Fastify looks at nothing, so the codes are the broker's in both cases.
      const middles = contender === servers.kunji ? await servers.issuer.call("codes", count) : spentCodes();
      return { before: head(contender.port, after), middles, after, once: contender === servers.kunji };
    });
    return compare("token exchange, durable", GOAL, runs);
  });
}

/** Texts of the length of a code. */
function spentCodes() {
  return Array.from({ length: 1000 }, (_, index) => String(index).padStart(CODE_LENGTH, "0"));
}

function head(port, after) {
  const length = "code=".length + CODE_LENGTH + after.length;
  return [
    `POST ${upstoxRoutes.token.path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Accept: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${length}`,
    "",
    "code=",
  ].join("\r\n");
}
