import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { open, seal } from "../crypto/sealed-box.ts";
import { newSecretPage } from "../pages/index.ts";
import { keepFreshSecret, takeFreshSecret } from "../store/browser-sessions.ts";
import type { Client } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import { type SignedIn, tell } from "./browser-session.ts";
import { leadTo, onGet, sendNotFound, sendPage, type Visit, visitView } from "./console-page.ts";

/** A secret that an app was just given. */
export interface FreshSecret {
  readonly clientId: string;
  /** Path of the change that made it. */
  readonly what: string;
  readonly text: string;
}

/** Keeps a new secret, sealed, in the browser's session until the page behind the form has shown it. @returns its path */
export function* keepSecretForPage(context: BrokerContext, { session }: SignedIn, secret: FreshSecret): Verb<string> {
  const box = seal(context.keys.seal, JSON.stringify(secret), sealContext(session.session_key), (size) =>
    context.random.bytes(size),
  );
  yield* keepFreshSecret(session.session_key, box);
  return `/account/apps/${encodeURIComponent(secret.clientId)}/new-secret`;
}

/** `/account/apps/{client}/new-secret`: shows a new secret exactly once (S-20). */
export function registerFreshSecretPage(
  app: FastifyInstance,
  context: BrokerContext,
  findOwn: (visit: Visit) => Promise<Client | undefined>,
): void {
  onGet(app, context, "/account/apps/:client/new-secret", async (visit) => {
    const client = await findOwn(visit);
    if (!client) return sendNotFound(visit);
    const appHref = `/account/apps/${encodeURIComponent(client.clientId)}`;
    const secret = await takeSecret(visit, client);
    if (!secret) {
      const notice = { kind: "info", text: "A secret is shown once. Make a new one if you did not keep it." } as const;
      await context.db.write(() => tell(context, visit.signedIn, { at: appHref, notice }));
      return leadTo(visit, appHref);
    }
    const kind = secret.what === "secret" ? "api" : "signing";
    const shown = { secret: secret.text, kind, about: client.name, appHref } as const;
    return sendPage(visit, newSecretPage({ ...visitView(visit, appHref), ...shown }));
  });
}

/** Only the request that takes it from the row shows it; a HEAD shows nothing, so it takes nothing. */
async function takeSecret({ context, request, signedIn }: Visit, client: Client): Promise<FreshSecret | undefined> {
  const { session_key: key, fresh_secret: box } = signedIn.session;
  if (!box || request.method !== "GET") return undefined;
  const secret = JSON.parse(open(context.keys.seal, box, sealContext(key)).toString("utf8")) as FreshSecret;
  if (secret.clientId !== client.clientId) return undefined;
  return (await context.db.write(() => takeFreshSecret(key, box))) ? secret : undefined;
}

function sealContext(sessionKey: string): string {
  return `fresh-secret:${sessionKey}`;
}
