// The bearer check and the profile: many live tokens, each looked up in the store on every call (S-29).
import { profileRequests } from "./requests.mjs";
import { compareServers, shareGoal, timesGoal } from "./server-rounds.mjs";

const TOKENS = 2_000;

export function measureProfile(options) {
  const goals = (share) => [
    shareGoal("sqlite", "profile on SQLite, share of bare Fastify", share("sqlite", "bare"), 0.55),
    shareGoal("postgres", "profile on Postgres, share of bare Fastify", share("postgres", "bare"), 0.45),
    timesGoal("oidc", "profile on SQLite, times oidc-provider's userinfo", share("sqlite", "oidc"), 5),
  ];
  const names = ["bare", "sqlite", "postgres", "oidc", "oauth2"];
  const requestsFor = withTokens(profileRequests);
  return compareServers({ title: "bearer check and profile", names, requestsFor, goals }, options);
}

/** Requests that go round the same tokens, made when a server is first asked for. */
export function withTokens(requests) {
  const ready = new Map();
  return async (server) => {
    if (!ready.has(server)) ready.set(server, requests(server, await server.issue("tokens", TOKENS)));
    return { ...ready.get(server), once: false };
  };
}
