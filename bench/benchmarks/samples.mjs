// What the broker answers to each operation, for bare Fastify to answer the same.

/** Headers of the connection or the moment; all others bare Fastify sends as the broker does. */
const OWN_HEADERS = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);

/** @param broker with `port`, `app`, `paths` and `issue` */
export async function takeSamples({ port, app, paths, issue }) {
  const [code] = await issue("codes", 1);
  const token = await sample(port, paths.token, { body: new URLSearchParams({ code, ...exchangeForm(app) }) });
  const bearer = token.body.access_token;
  return {
    token,
    profile: await sample(port, paths.profile, { headers: { authorization: `Bearer ${bearer}` } }),
    introspection: await sample(port, paths.introspection, {
      body: new URLSearchParams({ token: bearer, ...clientForm(app) }),
    }),
  };
}

/** The form of a code exchange, but for the code. */
export function exchangeForm(app) {
  return { ...clientForm(app), redirect_uri: app.redirectUri, grant_type: "authorization_code" };
}

export function clientForm({ clientId, clientSecret }) {
  return { client_id: clientId, client_secret: clientSecret };
}

async function sample(port, path, init) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: init.body ? "POST" : "GET", ...init });
  const body = await response.json();
  if (response.status !== 200) throw new Error(`the broker answered ${response.status}: ${JSON.stringify(body)}`);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !OWN_HEADERS.has(name)));
  return { headers, body };
}
