import type { AppPanel, AppStatus } from "../pages/index.ts";
import type { Client, ClientStatus, Flow } from "../store/clients.ts";

const statuses: Readonly<Record<ClientStatus, AppStatus>> = {
  active: { text: "On", isOn: true },
  inactive: { text: "Off", isOn: false },
  "in-review": { text: "In review", isOn: false },
  rejected: { text: "Rejected", isOn: false },
  expired: { text: "Expired", isOn: false },
};

const flows: Readonly<Record<Flow, string>> = {
  authorization_code: "login pages",
  token_request: "approval on the phone",
  individual_token: "direct login of its owner",
  order_connect: "orders through a login",
};

export function statusWords(status: ClientStatus): AppStatus {
  return statuses[status];
}

/** The ways in which an app gets tokens, in words. */
export function flowWords(ways: readonly Flow[]): string {
  return ways.map((way) => flows[way]).join(", ");
}

export interface PanelLinks {
  /** Paths of the changes that apply to the app. */
  readonly changes: readonly string[];
  readonly hrefOf: (path: string) => string;
  /** When an earlier secret stops working, in words; undefined when none works. */
  readonly earlierSecretUntil: string | undefined;
  /** Where a person registers addresses for orders, at brokers that ask for it. */
  readonly staticIpsHref: string | undefined;
}

/** What the page of an app says, part by part. */
export function appPanels(client: Client, links: PanelLinks): AppPanel[] {
  const { redirectUris, notifierUrl, webhookSecret, allowedIps } = client;
  const link = (path: string, label: string) => ({ href: links.hrefOf(path), label });
  const panels: Readonly<Record<string, () => Omit<AppPanel, "id">>> = {
    "redirect-uris": () => ({
      title: redirectUris.length === 1 ? "Redirect URI" : "Redirect URIs",
      values: redirectUris,
      text: redirectUris.length === 0 ? "None yet, so nobody can log in through the app." : undefined,
      link: link("redirect-uris", "Change"),
    }),
    "notifier-url": () => ({
      title: "Notifier URL",
      values: notifierUrl === null ? [] : [notifierUrl],
      text: notifierUrl === null ? "None: the app gets no tokens by approval." : undefined,
      link: link("notifier-url", "Change"),
    }),
    "signing-secret": () => ({
      title: "Signing secret",
      text: webhookSecret === null ? "Deliveries carry no signature." : "Deliveries are signed.",
      link: link("signing-secret", webhookSecret === null ? "Make one" : "Replace"),
    }),
    secret: () => ({
      title: "API secret",
      text:
        links.earlierSecretUntil === undefined
          ? "It was shown once, when it was made, and cannot be shown again."
          : `The earlier secret works until ${links.earlierSecretUntil}.`,
      link: link("secret", "Make a new one"),
    }),
    addresses: () => ({
      title: "Registered IP addresses",
      values: allowedIps,
      text: allowedIps.length === 0 ? "None: the app can be used from anywhere." : undefined,
      link: link("addresses", "Change"),
    }),
    status: () => ({
      title: client.status === "active" ? "Switch off" : "Switch on",
      text:
        client.status === "active"
          ? "Ends every token the app holds, at once."
          : "Nobody can log in through the app while it is off.",
      link: link("status", client.status === "active" ? "Switch it off" : "Switch it on"),
    }),
  };
  const own = links.changes.flatMap((path) => (panels[path] ? [{ id: path, ...panels[path]() }] : []));
  return links.staticIpsHref === undefined ? own : withStaticIps(own, links.staticIpsHref);
}

/** Before the last part, which switches the app off. */
function withStaticIps(panels: AppPanel[], href: string): AppPanel[] {
  const panel: AppPanel = {
    id: "static-ips",
    title: "Static IPs",
    text: "Orders are taken from the addresses of your account only, whatever app they come from.",
    link: { href, label: "Look at them" },
  };
  const at = panels.findIndex(({ id }) => id === "status");
  return at < 0 ? [...panels, panel] : panels.toSpliced(at, 0, panel);
}
