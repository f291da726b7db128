// @node-oauth/oauth2-server on Fastify with everything in memory: the token endpoint and a bearer check.
import { randomBytes } from "node:crypto";
import { parse } from "node:querystring";
import OAuth2Server from "@node-oauth/oauth2-server";
import Fastify from "fastify";
import { answerParent } from "../harness/child-calls.mjs";
import { probes } from "../harness/probe.mjs";

const APP = {
  clientId: "bench",
  clientSecret: "a-secret-of-forty-three-characters-or-so-ok",
  redirectUri: "https://app.example.in/callback",
};
const DAY_MS = 86_400_000;
const CLIENT = { id: APP.clientId, grants: ["authorization_code"], redirectUris: [APP.redirectUri] };
const ACCOUNTS = Array.from({ length: 100 }, (_, index) => ({ id: `account-${index}`, name: "Demo Customer 1" }));
const secret = () => randomBytes(32).toString("base64url");

const codes = new Map();
const tokens = new Map();

const model = {
  getClient: async (id, clientSecret) =>
    id === APP.clientId && (clientSecret === null || clientSecret === APP.clientSecret) ? CLIENT : false,
  getAuthorizationCode: async (code) => codes.get(code),
  revokeAuthorizationCode: async ({ authorizationCode }) => codes.delete(authorizationCode),
  generateAccessToken: async () => secret(),
  async saveToken(token, client, user) {
    const saved = { ...token, client, user };
    tokens.set(token.accessToken, saved);
    return saved;
  },
  getAccessToken: async (token) => tokens.get(token),
};

answerParent({ ...probes, start, codes: issueCodes, tokens: issueTokens });

async function start() {
  const oauth = new OAuth2Server({ model, accessTokenLifetime: DAY_MS / 1000 });
  const app = Fastify();
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, parse(body)),
  );
  app.post("/token", async (request, reply) => {
    const answer = new OAuth2Server.Response({});
    await oauth.token(asked(request), answer);
    reply.code(answer.status).headers(answer.headers);
    return answer.body;
  });
  app.get("/profile", async (request) => {
    const { user } = await oauth.authenticate(asked(request), new OAuth2Server.Response({}));
    return { status: "success", data: { user_id: user.id, user_name: user.name } };
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: app.server.address().port, app: APP, paths: { token: "/token", profile: "/profile" } };
}

function asked({ headers, method, query, body }) {
  return new OAuth2Server.Request({ headers, method, query, body: body ?? {} });
}

function issueCodes(count) {
  return Array.from({ length: count }, (_, index) => {
    const authorizationCode = secret();
    codes.set(authorizationCode, {
      authorizationCode,
      expiresAt: new Date(Date.now() + DAY_MS),
      redirectUri: APP.redirectUri,
      client: CLIENT,
      user: ACCOUNTS[index % ACCOUNTS.length],
    });
    return authorizationCode;
  });
}

function issueTokens(count) {
  return Array.from({ length: count }, (_, index) => {
    const accessToken = secret();
    const user = ACCOUNTS[index % ACCOUNTS.length];
    tokens.set(accessToken, { accessToken, accessTokenExpiresAt: new Date(Date.now() + DAY_MS), client: CLIENT, user });
    return accessToken;
  });
}
