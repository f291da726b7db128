import type { ClientView } from "@kunji/broker";
import { usageError } from "../command-error.ts";
import { alignFacts } from "../terminal/facts.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";
import type { AdminFlags } from "./admin-plan.ts";
import { createWithAdmin, withAdmin } from "./with-admin.ts";

type Flow = ClientView["flows"][number];

export interface ClientCreateFlags extends AdminFlags {
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly kind?: ClientView["kind"];
  readonly owner?: string;
  readonly flow?: readonly Flow[];
  readonly native?: true;
  readonly notifierUrl?: string;
  readonly staticIp?: readonly string[];
  readonly signWebhooks?: true;
}

/** `kunji admin client create` */
export async function createClient(brokerName: string, flags: ClientCreateFlags): Promise<void> {
  const request = {
    broker: brokerName,
    name: flags.name,
    redirectUris: flags.redirectUri ?? [],
    kind: flags.kind,
    owner: flags.owner,
    flows: flags.flow,
    native: flags.native,
    notifierUrl: flags.notifierUrl,
    staticIps: flags.staticIp,
    signWebhooks: flags.signWebhooks,
  };
  await createWithAdmin(flags, {
    read: async () => request,
    create: ({ broker, parts }, wanted) => broker.createClient(parts, wanted),
    show: (created, style) => describe(`Registered ${created.name}`, created, created, style),
  });
}

/** `kunji admin client list` */
export async function listClients(flags: AdminFlags): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const clients = await broker.listClients(parts);
    print.answer(clients, () => {
      if (clients.length === 0) return "No apps are registered. kunji admin client create registers one.";
      const { dim } = print.style;
      const heading = ["Client id", "Broker", "Name", "Status", "Flows"].map(dim);
      const rows = clients.map((client) => [
        client.clientId,
        client.broker,
        client.name,
        client.status,
        client.flows.join(", "),
      ]);
      return alignColumns([heading, ...rows]);
    });
  });
}

/** `kunji admin client show` */
export async function showClient(clientId: string, flags: AdminFlags): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const view = await broker.showClient(parts, clientId);
    print.answer(view, () => describe(view.name, view, {}, print.style));
  });
}

export interface ClientSetFlags extends AdminFlags {
  readonly name?: string;
  readonly owner?: string;
  readonly removeOwner?: true;
  readonly redirectUri?: readonly string[];
  readonly notifierUrl?: string;
  readonly removeNotifier?: true;
  readonly staticIp?: readonly string[];
  readonly anyIp?: true;
  readonly flow?: readonly Flow[];
  readonly newWebhookSecret?: true;
  readonly removeWebhookSecret?: true;
}

/** `kunji admin client set` */
export async function setClient(clientId: string, flags: ClientSetFlags): Promise<void> {
  const settings = {
    name: flags.name,
    owner: flags.removeOwner ? null : flags.owner,
    redirectUris: flags.redirectUri,
    notifierUrl: flags.removeNotifier ? null : flags.notifierUrl,
    staticIps: flags.anyIp ? [] : flags.staticIp,
    flows: flags.flow,
    webhookSecret: flags.newWebhookSecret ? "new" : flags.removeWebhookSecret ? "none" : undefined,
  } as const;
  if (Object.values(settings).every((value) => value === undefined)) {
    throw usageError(["Nothing to change was given: see kunji admin client set --help."]);
  }
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const changed = await broker.changeClient(parts, clientId, settings);
    print.answer(changed, () => {
      const text = describe(`Changed ${changed.name}`, changed, changed, print.style);
      if (settings.owner === undefined) return `${text}\nIts codes, logins under way and requests have ended.`;
      return `${text}\n${ownerChanged(changed)}`;
    });
  });
}

/** `kunji admin client rotate-secret` */
export async function rotateSecret(
  clientId: string,
  flags: AdminFlags & { readonly keepEarlier: number },
): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const rotated = await broker.rotateClientSecret(parts, clientId, flags.keepEarlier);
    print.answer(rotated, () => {
      const text = describe(`New secret of ${rotated.name}`, rotated, rotated, print.style);
      return rotated.earlierSecretUntil === null ? `${text}\nThe earlier secret does not count any more.` : text;
    });
  });
}

/** `kunji admin client disable` and `enable` */
export async function switchClient(clientId: string, status: "active" | "inactive", flags: AdminFlags): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const view = await broker.switchClient(parts, clientId, status);
    const now =
      status === "active"
        ? `${view.name} can be logged in to again. People log in afresh.`
        : `${view.name} is disabled. Its codes, tokens, logins, requests and waiting webhooks have ended.`;
    print.answer(view, () => now);
  });
}

function ownerChanged({ clientId, hasSecret }: ClientView): string {
  const ended = "Its codes, tokens, logins under way, requests and waiting webhooks have ended.";
  const advice = `Its earlier owner may know its secret: kunji admin client rotate-secret ${clientId} --keep-earlier 0`;
  return hasSecret ? `${ended}\n${advice}` : ended;
}

interface Secrets {
  readonly clientSecret?: string | null;
  readonly webhookSecret?: string | null;
}

/** What an app is, with the secrets that were just made. */
function describe(title: string, view: ClientView, secrets: Secrets, style: Style): string {
  const shown: (readonly [string, string])[] = [
    ...(secrets.clientSecret ? [["Client secret", secrets.clientSecret] as const] : []),
    ...(secrets.webhookSecret ? [["Webhook secret", secrets.webhookSecret] as const] : []),
  ];
  const rows = [["Client id", view.clientId] as const, ...shown, ...factsOf(view)];
  const note = shown.length === 0 ? [] : [style.yellow(SHOWN_ONCE)];
  return [style.bold(title), alignFacts(rows, style, 2), ...note].join("\n");
}

const SHOWN_ONCE = "What is secret is shown this once: the database keeps nothing it could be read from. Keep it now.";

function factsOf(view: ClientView): (readonly [string, string])[] {
  return [
    ["Broker", view.broker],
    ["Status", view.status],
    ["Kind", view.native ? `${view.kind}, native` : view.kind],
    ["Flows", view.flows.join(", ")],
    ["Owner", view.owner ?? "nobody"],
    ...view.redirectUris.map((uri) => ["Redirect URI", uri] as const),
    ["Notifier URL", view.notifierUrl ?? "none"],
    ["Webhooks", view.signsWebhooks ? "signed" : "not signed"],
    ["Static IPs", view.staticIps.join(", ") || "any"],
    ...(view.hasSecret ? [] : [["Secret", "none: the client id is its key"] as const]),
    ...(view.earlierSecretUntil ? [["Earlier secret", `counts until ${view.earlierSecretUntil}`] as const] : []),
  ];
}
