// Exchanging a code for a token, durably: every request carries a code of its own.
import { exchangeRequests } from "./requests.mjs";
import { compareServers, shareGoal, timesGoal } from "./server-rounds.mjs";

/** Codes ready for a round: for a first guess, then for the rate of the round before and some more. */
const FIRST_PER_SECOND = 20_000;
const RESERVE = 1.3;

export function measureToken(options) {
  const requestsFor = async (server, perSecond = FIRST_PER_SECOND) => {
    const codes = await server.issue("codes", Math.ceil(perSecond * options.seconds * RESERVE));
    return { ...exchangeRequests(server, codes), once: server.label !== "bare Fastify" };
  };
  const goals = (share) => [
    shareGoal("sqlite", "token exchange on SQLite, share of bare Fastify", share("sqlite", "bare"), 0.4),
    shareGoal("postgres", "token exchange on Postgres, share of bare Fastify", share("postgres", "bare"), 0.4),
    timesGoal("oidc", "token exchange on SQLite, times oidc-provider in memory", share("sqlite", "oidc"), 2.5),
  ];
  const names = ["bare", "sqlite", "postgres", "oidc", "oauth2"];
  return compareServers({ title: "token exchange, durable", names, requestsFor, goals }, options);
}
