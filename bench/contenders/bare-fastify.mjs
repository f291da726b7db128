// The measure of the servers: Fastify that answers the same bytes through schema serialisation and does nothing else.
import { parse } from "node:querystring";
import { upstoxRoutes } from "@kunji/contract/upstox";
import Fastify from "fastify";
import { answerParent } from "../harness/child-calls.mjs";
import { probes } from "../harness/probe.mjs";

const CODE_LENGTH = 67;
const TOKEN = "a".repeat(CODE_LENGTH);

answerParent({ ...probes, start, codes: fillers, tokens: fillers });

/** @param samples an answer of the broker to each operation: `{ headers, body }` */
async function start({ samples: { token, profile, introspection } }) {
  const app = Fastify();
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, parse(body)),
  );
  app.post(upstoxRoutes.token.path, options(upstoxRoutes.token), async (_request, reply) => {
    reply.headers(token.headers);
    return token.body;
  });
  app.get(upstoxRoutes.getProfile.path, options(upstoxRoutes.getProfile), async (_request, reply) => {
    reply.headers(profile.headers);
    return profile.body;
  });
  app.post("/oauth/introspect", async (_request, reply) => {
    reply.headers(introspection.headers);
    return introspection.body;
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    port: app.server.address().port,
    paths: {
      token: upstoxRoutes.token.path,
      profile: upstoxRoutes.getProfile.path,
      introspection: "/oauth/introspect",
    },
    app: { clientId: "a", clientSecret: "b", redirectUri: "http://127.0.0.1/" },
  };
}

function options(route) {
  return { schema: { response: { 200: route.responses[200].schema } } };
}

/** Nothing is looked at: texts of the length of a code. */
function fillers(count) {
  return Array.from({ length: Math.min(count, 1_000) }, (_, index) => String(index).padStart(TOKEN.length, "0"));
}
