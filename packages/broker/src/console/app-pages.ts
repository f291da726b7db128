import { istDateTime } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { FormFields } from "../http/form-fields.ts";
import { stillCounts } from "../login/proven-secret.ts";
import { appListPage, appPage, clientChangePage } from "../pages/index.ts";
import { findBrowserSession } from "../store/browser-sessions.ts";
import { type Client, findClient, listOwnClients } from "../store/clients.ts";
import { appPanels, flowWords, statusWords } from "./app-words.ts";
import { tell, toldAt } from "./browser-session.ts";
import { type OwnerChange, ownerChanges, unknownChoice, type WantedChange } from "./client-changes.ts";
import { leadTo, onGet, onPost, sendNotFound, sendPage, takeVisitForm, type Visit, visitView } from "./console-page.ts";
import { keepSecretForPage, registerFreshSecretPage } from "./fresh-secret.ts";
import { proveSecret, secretRefused } from "./prove-secret.ts";

/** Where a person's apps are. */
const APPS_PATH = "/account/apps";

/** `/account/apps`: the apps a person registered, and what of them can be changed (S-62, S-63). */
export function registerAppPages(app: FastifyInstance, context: BrokerContext): void {
  onGet(app, context, APPS_PATH, sendList);
  onGet(app, context, `${APPS_PATH}/:client`, async (visit) => {
    const client = await findOwn(visit);
    return client ? sendApp(visit, client) : sendNotFound(visit);
  });
  registerFreshSecretPage(app, context, findOwn);
  for (const change of ownerChanges) registerChange(app, context, change);
}

function registerChange(app: FastifyInstance, context: BrokerContext, change: OwnerChange): void {
  const path = `${APPS_PATH}/:client/${change.path}`;
  onGet(app, context, path, async (visit) => {
    const client = await findOwn(visit);
    return client && change.appliesTo(client) ? sendChange(visit, client, change) : sendNotFound(visit);
  });
  onPost(app, context, path, async (visit, form) => {
    const client = await findOwn(visit);
    if (!client || !change.appliesTo(client)) return sendNotFound(visit);
    const here = `${appPath(client)}/${change.path}`;
    if (!(await takeVisitForm(visit, form, here))) return leadTo(visit, here);
    return leadTo(visit, await makeChange(visit, client, change, form));
  });
}

/** An app of the person, whatever somebody else may have there (S-62). */
async function findOwn({ context, signedIn, dialect, params }: Visit): Promise<Client | undefined> {
  const client = await context.db.read(() => findClient(dialect.name, params.client ?? ""));
  return client?.ownerAccount === signedIn.account.accountId ? client : undefined;
}

/** @returns where to go on */
async function makeChange(visit: Visit, client: Client, change: OwnerChange, form: FormFields): Promise<string> {
  const { context, signedIn, dialect } = visit;
  const { accountId } = signedIn.account;
  const here = `${appPath(client)}/${change.path}`;
  const words = change.words(client, context.clock.now());
  const names = [...words.fields, ...(words.choice ? [words.choice] : [])].map(({ name }) => name);
  const entered = Object.fromEntries(names.map((name) => [name, form[name] ?? ""]));
  const unknown = unknownChoice(words, form);
  if (unknown !== undefined) {
    await context.db.write(() =>
      tell(context, signedIn, { at: here, notice: { kind: "error", text: unknown }, entered }),
    );
    return here;
  }
  const proven = await proveSecret(context, dialect, accountId, form);
  const now = context.clock.now();
  const wanted = change.read(context, client, form);
  return await context.db.write(function* () {
    // Signed out in another browser while the PIN was compared.
    if (!(yield* findBrowserSession(signedIn.session.session_key))) return "/account";
    if (!proven || !(yield* stillCounts(proven))) {
      yield* tell(context, signedIn, { at: here, notice: secretRefused(dialect), entered });
      return here;
    }
    const by = { kind: "owner", accountId } as const;
    const result = yield* wanted.apply({ clientId: client.clientId, by, now });
    if (result.outcome === "unknown") return APPS_PATH;
    if (result.outcome === "refused") {
      yield* tell(context, signedIn, { at: here, notice: problem(result, wanted), entered });
      return here;
    }
    if (wanted.secret !== undefined) {
      const secret = { clientId: client.clientId, what: change.path, text: wanted.secret };
      return yield* keepSecretForPage(context, signedIn, secret);
    }
    yield* tell(context, signedIn, { at: appPath(client), notice: { kind: "info", text: wanted.done } });
    return appPath(client);
  });
}

function problem(result: { readonly problem: string; readonly index?: number }, { fieldOf }: WantedChange) {
  return { kind: "error", text: result.problem, field: fieldOf?.(result.index ?? 0) } as const;
}

async function sendList(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn } = visit;
  const clients = await context.db.read(() => listOwnClients(signedIn.account.accountId));
  const apps = clients.map((client) => ({
    href: appPath(client),
    name: client.name,
    clientId: client.clientId,
    status: statusWords(client.status),
    flows: flowWords(client.flows),
  }));
  return sendPage(visit, appListPage({ ...visitView(visit, APPS_PATH), apps, homeHref: "/account" }));
}

function sendApp(visit: Visit, client: Client): FastifyReply {
  const { clientId, name, status, flows, audience, previousSecretUntil } = client;
  const now = visit.context.clock.now();
  const overlapEnds = previousSecretUntil !== null && previousSecretUntil > now ? previousSecretUntil : undefined;
  return sendPage(
    visit,
    appPage({
      ...visitView(visit, appPath(client)),
      name,
      clientId,
      status: statusWords(status),
      flows: flowWords(flows),
      audience: audience === "owner" ? "Only you" : `Every ${visit.dialect.brokerName} customer`,
      panels: appPanels(client, {
        changes: ownerChanges.filter((change) => change.appliesTo(client)).map(({ path }) => path),
        hrefOf: (path) => `${appPath(client)}/${path}`,
        earlierSecretUntil: overlapEnds === undefined ? undefined : `${istDateTime(overlapEnds / 1000)} IST`,
        staticIpsHref: visit.dialect.staticIps && "/account/static-ips",
      }),
      backHref: APPS_PATH,
    }),
  );
}

function sendChange(visit: Visit, client: Client, change: OwnerChange): FastifyReply {
  const { context, signedIn, dialect } = visit;
  const here = `${appPath(client)}/${change.path}`;
  const words = change.words(client, context.clock.now());
  const entered = toldAt(context, signedIn.session, here)?.entered;
  return sendPage(
    visit,
    clientChangePage({
      ...visitView(visit, here),
      ...words,
      fields: words.fields.map((field) => ({ ...field, value: entered?.[field.name] ?? field.value })),
      // Whoever said that a secret leaked says so after a slip in the PIN too.
      choice: words.choice && { ...words.choice, chosen: entered?.[words.choice.name] },
      about: client.name,
      action: here,
      asksFor: dialect,
      backHref: appPath(client),
    }),
  );
}

function appPath({ clientId }: Pick<Client, "clientId">): string {
  return `${APPS_PATH}/${encodeURIComponent(clientId)}`;
}
