/**
 * The address that a broker posts approved tokens to: a fixed path and a key that nobody can guess (S-80).
 */
import type { Secret } from "../secret.ts";

/** Everything before the account's key. */
export const NOTIFIER_PATH = "/kunji/approved/";

/** Port of the webhook receiver on this machine, unless another one is set. */
export const DEFAULT_WEBHOOK_PORT = 7476;

/** The path to register behind the owner's own domain. It is a capability: show it to the owner, log it nowhere. */
export function notifierPath(key: Secret): string {
  return `${NOTIFIER_PATH}${key.reveal()}`;
}

/** A registered address without what must not be shown: `https://bot.example.in/kunji/approved/…`. */
export function maskedNotifierUrl(url: string): string {
  if (!URL.canParse(url)) return "…";
  const { origin, pathname } = new URL(url);
  return pathname.startsWith(NOTIFIER_PATH) ? `${origin}${NOTIFIER_PATH}…` : `${origin}/…`;
}

/** Why a message to the registered address may not arrive here; undefined when it looks right. */
export function notifierProblem(url: string | undefined, key: Secret, title: string): string | undefined {
  if (url === undefined) return `No notifier URL is registered at ${title}, so no token can arrive.`;
  if (URL.canParse(url) && new URL(url).pathname === notifierPath(key)) return undefined;
  return (
    `${title} posts the token to ${maskedNotifierUrl(url)}, which does not end in this account's key. ` +
    "Unless a proxy there translates the path, the token will not arrive."
  );
}

export interface NotifierAdvice {
  /** The broker as people read it. */
  readonly title: string;
  /** Undefined where the text may be seen by others, as in `kunji doctor`. */
  readonly key: Secret | undefined;
  readonly port: number;
  /** `https://bot.example.in`, when the owner has said it. */
  readonly publicOrigin?: string | undefined;
}

/** How to register the notifier URL: which address, how it reaches this machine, what the broker screens. */
export function notifierAdvice({ title, key, port, publicOrigin }: NotifierAdvice): string {
  const path = key === undefined ? `${NOTIFIER_PATH}YOUR-KEY` : notifierPath(key);
  return `${title} posts an approved token to the "Notifier Webhook Endpoint" of your app.
Register there:

    ${publicOrigin ?? "https://YOUR-DOMAIN"}${path}

The last part is this account's own key. Treat it like a password, and keep
the path out of your proxy's log.

The address has to lead, over TLS, to http://127.0.0.1:${port} on the machine where
Kunji runs. Either
  - a web server of yours passes ${NOTIFIER_PATH}* on to 127.0.0.1:${port}, or
  - a tunnel under a domain of your own does (Cloudflare Tunnel, for instance).
"kunji keep" listens there all the time, "kunji login" while it waits.

${title} looks at the address when you save the app: it wants a stable domain
with a valid certificate and refuses dynamic DNS names and hosts known for
phishing, malware, spam or proxy avoidance. If yours is refused by mistake,
its support reviews it.`;
}
