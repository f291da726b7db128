// The bearer check and the profile: many live tokens, each looked up in the store on every call (S-29).
import { upstoxRoutes } from "@kunji/contract/upstox";
import { compare, runRounds, withServers } from "./server-rounds.mjs";

const GOAL = 0.55;
const TOKENS = 2_000;

export function measureProfile(options) {
  return withServers(async (servers) => {
    const middles = await servers.issuer.call("tokens", TOKENS);
    const runs = await runRounds(servers, options, ({ port }) => ({
      before: [
        `GET ${upstoxRoutes.getProfile.path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        "Accept: application/json",
        "Authorization: Bearer ",
      ].join("\r\n"),
      middles,
      after: "\r\n\r\n",
      once: false,
    }));
    return compare("bearer check and profile", GOAL, runs);
  });
}
