// The measure of the servers: Fastify that answers the same bytes through schema serialisation and does nothing else.
import { parse } from "node:querystring";
import { upstoxRoutes } from "@kunji/contract/upstox";
import Fastify from "fastify";
import { answerParent } from "../harness/child-calls.mjs";

answerParent({ start, cpu: () => process.cpuUsage() });

/** @param samples an answer of the broker to each operation: `{ headers, body }` */
async function start({ token, profile }) {
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
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: app.server.address().port };
}

function options(route) {
  return { schema: { response: { 200: route.responses[200].schema } } };
}
