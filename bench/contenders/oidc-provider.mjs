// oidc-provider with everything in memory: codes without id_token, opaque access tokens, userinfo, introspection.
import { Provider } from "oidc-provider";
import { answerParent } from "../harness/child-calls.mjs";
import { probes } from "../harness/probe.mjs";

const APP = {
  clientId: "bench",
  clientSecret: "a-secret-of-forty-three-characters-or-so-ok",
  redirectUri: "https://app.example.in/callback",
};
const ACCOUNTS = 100;
const SCOPE = "openid";

let provider;
const grants = [];

answerParent({ ...probes, start, codes: issueCodes, tokens: issueTokens });

async function start() {
  // It warns of what a production server would need: keys, adapters, TLS in front.
  console.warn = () => {};
  console.info = () => {};
  provider = new Provider("http://127.0.0.1", {
    adapter: MemoryAdapter,
    clients: [
      {
        client_id: APP.clientId,
        client_secret: APP.clientSecret,
        redirect_uris: [APP.redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: "Demo Customer 1" }) }),
    claims: { openid: ["sub", "name"] },
    features: { introspection: { enabled: true }, devInteractions: { enabled: false } },
    pkce: { required: () => false },
    ttl: { AuthorizationCode: 600, AccessToken: 86_400, Grant: 86_400 },
  });
  for (let index = 0; index < ACCOUNTS; index++) {
    const grant = new provider.Grant({ accountId: `account-${index}`, clientId: APP.clientId });
    grant.addOIDCScope(`${SCOPE} read`);
    grants.push({ grantId: await grant.save(), accountId: `account-${index}` });
  }
  const server = await new Promise((resolve) => {
    const listening = provider.listen(0, "127.0.0.1", () => resolve(listening));
  });
  return {
    port: server.address().port,
    app: APP,
    paths: { token: "/token", profile: "/me", introspection: "/token/introspection" },
  };
}

/** Without `openid` in their scope, so that no id_token has to be signed. */
async function issueCodes(count) {
  const client = await provider.Client.find(APP.clientId);
  return await many(count, (owner) =>
    new provider.AuthorizationCode({
      ...owner,
      client,
      scope: "read",
      redirectUri: APP.redirectUri,
      gty: "authorization_code",
    }).save(),
  );
}

async function issueTokens(count) {
  const client = await provider.Client.find(APP.clientId);
  return await many(count, (owner) =>
    new provider.AccessToken({ ...owner, client, scope: SCOPE, gty: "authorization_code" }).save(),
  );
}

async function many(count, issue) {
  const issued = [];
  for (let index = 0; index < count; index++) issued.push(await issue(grants[index % grants.length]));
  return issued;
}

/** A Map: the one that comes with it forgets after a thousand entries. */
class MemoryAdapter {
  static #stores = new Map();
  #store;

  constructor(name) {
    const stores = MemoryAdapter.#stores;
    if (!stores.has(name)) stores.set(name, new Map());
    this.#store = stores.get(name);
  }

  async upsert(id, payload) {
    this.#store.set(id, payload);
  }

  async find(id) {
    return this.#store.get(id);
  }

  async findByUid() {}

  async findByUserCode() {}

  async consume(id) {
    this.#store.get(id).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.#store.delete(id);
  }

  async revokeByGrantId() {}
}
