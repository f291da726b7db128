// Introspection (RFC 7662): the app proves itself and asks whether a token lives. design.md section 9 sets no goal.
import { withTokens } from "./profile.mjs";
import { introspectionRequests } from "./requests.mjs";
import { compareServers } from "./server-rounds.mjs";

export function measureIntrospection(options) {
  const names = ["bare", "sqlite", "postgres", "oidc"];
  const requestsFor = withTokens(introspectionRequests);
  return compareServers({ title: "introspection", names, requestsFor, goals: () => [] }, options);
}
