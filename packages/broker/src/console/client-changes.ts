import { istDateTime } from "@kunji/contract";
import type { BrokerContext } from "../broker-context.ts";
import {
  type ChangeOutcome,
  type ClientChange,
  MOST_CLIENT_IPS,
  MOST_REDIRECT_URIS,
  needsRedirectUri,
  newClientSecret,
  newSigningSecret,
  rotateSecret,
  SECRET_OVERLAP_MS,
  setClientIps,
  setClientStatus,
  setNotifierUrl,
  setRedirectUris,
  setWebhookSecret,
} from "../grants/manage-client.ts";
import type { FormFields } from "../http/form-fields.ts";
import type { ClientChangeView } from "../pages/index.ts";
import type { Client } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";

/** What a change says on its page, beside what all of them share. */
export type ChangeWords = Pick<ClientChangeView, "title" | "intro" | "fields" | "choice" | "buttons">;

/** A change as a form asks for it, to be made in one transaction. */
export interface WantedChange {
  readonly apply: (change: ClientChange) => Verb<ChangeOutcome>;
  /** What the app's page says afterwards. */
  readonly done: string;
  /** A new secret, to be shown once. */
  readonly secret?: string | undefined;
  /** The field that the value with this index came from. */
  readonly fieldOf?: ((index: number) => string) | undefined;
}

/** One thing that an owner can change of an app. A new one is one entry in the list below. */
export interface OwnerChange {
  /** Last part of its address. */
  readonly path: string;
  readonly appliesTo: (client: Client) => boolean;
  /** @param now epoch milliseconds */
  readonly words: (client: Client, now: number) => ChangeWords;
  readonly read: (context: BrokerContext, client: Client, form: FormFields) => WantedChange;
}

const CUTS_OFF = "Logins that are under way start again, and requests that wait for an approval end.";

const redirectUris: OwnerChange = {
  path: "redirect-uris",
  appliesTo: needsRedirectUri,
  words: ({ redirectUris: uris, native }) => ({
    title: "Redirect URIs",
    intro: [
      "After a login people go back to one of these addresses, and only to exactly these. Empty a line to take it away.",
      CUTS_OFF,
    ],
    fields: lines("redirect_uri", uris, MOST_REDIRECT_URIS).map((field, index) => ({
      ...field,
      label: `Redirect URI ${index + 1}`,
      hint: index === 0 ? `https://, or this machine for development${native ? ", on any port" : ""}` : undefined,
      kind: "url",
    })),
    buttons: [{ label: "Save the redirect URIs" }],
  }),
  read(context, _client, form) {
    const filled = filledLines(form, "redirect_uri", MOST_REDIRECT_URIS);
    // Loopback is where developers run their apps, and only the person's own browser ever goes there.
    const rules = { allowLoopbackHttp: true };
    return {
      apply: (change) => setRedirectUris(context, change, filled.values, rules),
      done: "The redirect URIs are saved.",
      fieldOf: filled.fieldOf,
    };
  },
};

const notifierUrl: OwnerChange = {
  path: "notifier-url",
  appliesTo: ({ flows }) => flows.includes("token_request"),
  words: (client) => ({
    title: "Notifier URL",
    intro: [
      "Tokens that you approve on your phone are sent here. Leave it empty and the app gets none that way.",
      `${CUTS_OFF} Tokens that wait to be sent to the earlier address are dropped.`,
    ],
    fields: [
      {
        name: "notifier_url",
        label: "Notifier URL",
        hint: "https:// with a public host name",
        value: client.notifierUrl ?? "",
        kind: "url",
      },
    ],
    buttons: [{ label: "Save the notifier URL" }],
  }),
  read(context, _client, form) {
    const url = form.notifier_url?.trim() || null;
    return {
      apply: (change) => setNotifierUrl(context, change, url, context.webhookRules),
      done: url === null ? "The notifier URL is gone." : "The notifier URL is saved.",
      fieldOf: () => "notifier_url",
    };
  },
};

const signingSecret: OwnerChange = {
  path: "signing-secret",
  appliesTo: ({ flows }) => flows.includes("token_request"),
  words: ({ webhookSecret }) => ({
    title: "Signing secret",
    intro: [
      "With it your app can tell that a delivery comes from us: each carries a signature in the Standard Webhooks format.",
      webhookSecret === null
        ? "Deliveries carry no signature now."
        : "The earlier secret stops working at once: change it in your app right after.",
      CUTS_OFF,
    ],
    fields: [],
    buttons: [
      { label: webhookSecret === null ? "Make a signing secret" : "Make a new signing secret", decision: "make" },
      ...(webhookSecret === null ? [] : [{ label: "Send without a signature", decision: "remove" }]),
    ],
  }),
  read(context, _client, { decision }) {
    const secret = decision === "remove" ? undefined : newSigningSecret(context.random);
    return {
      apply: (change) => setWebhookSecret(context, change, secret ?? null),
      done: "Deliveries carry no signature from now on.",
      secret,
    };
  },
};

const apiSecret: OwnerChange = {
  path: "secret",
  appliesTo: ({ secretDigest }) => secretDigest !== null,
  words: ({ previousSecretUntil }, now) => ({
    title: "New API secret",
    intro: [
      "You see the new secret once, on the next page. Put it into your app before the earlier one stops working.",
      ...(previousSecretUntil !== null && previousSecretUntil > now ? [twoSecrets(previousSecretUntil)] : []),
      CUTS_OFF,
    ],
    fields: [],
    choice: {
      name: "earlier_secret",
      legend: "The secret you have now",
      options: [
        { value: "keep", label: "works for 24 hours" },
        { value: "end", label: "ends now: it leaked" },
      ],
    },
    buttons: [{ label: "Make a new secret" }],
  }),
  read(context, _client, form) {
    const secret = newClientSecret(context.random);
    const overlapMs = form.earlier_secret === "end" ? 0 : SECRET_OVERLAP_MS;
    return {
      apply: (change) => rotateSecret(context, change, { secret, overlapMs }),
      done: "The app has a new secret.",
      secret,
    };
  },
};

const addresses: OwnerChange = {
  path: "addresses",
  // Its owner's password travels with each call, so it may be tied to where it runs.
  appliesTo: ({ flows }) => flows.includes("individual_token"),
  words: ({ allowedIps }) => ({
    title: "Registered IP addresses",
    intro: ["The app can be used from these addresses only. Without any, it can be used from anywhere."],
    fields: lines("ip", allowedIps, MOST_CLIENT_IPS).map((field, index) => ({
      ...field,
      label: `IP address ${index + 1}`,
      hint: index === 0 ? "Such as 203.0.113.7 or 2001:db8::7" : undefined,
      kind: "address",
    })),
    buttons: [{ label: "Save the addresses" }],
  }),
  read(context, _client, form) {
    const filled = filledLines(form, "ip", MOST_CLIENT_IPS);
    return {
      apply: (change) => setClientIps(context, change, filled.values),
      done: "The registered addresses are saved.",
      fieldOf: filled.fieldOf,
    };
  },
};

const status: OwnerChange = {
  path: "status",
  // What somebody else decided is not the owner's to change.
  appliesTo: (client) => client.status === "active" || client.status === "inactive",
  words: (client) =>
    client.status === "active"
      ? {
          title: "Switch the app off",
          intro: [
            "At once nobody can log in through it, and every token it holds ends, of all people who use it. You can switch it on again; the tokens stay ended.",
          ],
          fields: [],
          buttons: [{ label: "Switch it off", isDangerous: true }],
        }
      : {
          title: "Switch the app on",
          intro: ["People can log in through it again. Tokens it held before stay ended."],
          fields: [],
          buttons: [{ label: "Switch it on" }],
        },
  read(context, client) {
    const isOff = client.status !== "active";
    return {
      apply: (change) => setClientStatus(context, change, isOff ? "active" : "inactive"),
      done: isOff ? "The app is on." : "The app is off, and every token it held has ended.",
    };
  },
};

/** Everything an owner can change, in reading order. */
export const ownerChanges: readonly OwnerChange[] = [
  redirectUris,
  notifierUrl,
  signingSecret,
  apiSecret,
  addresses,
  status,
];

/** Somebody who lost the new secret makes another, while the app still runs on the one before (S-24). */
function twoSecrets(until: number): string {
  return `The present one was made less than a day ago, and the one before it works until ${istDateTime(until / 1000)} IST. That one ends at once when you make another: is your app still using it?`;
}

/**
 * Something chosen that the form does not offer. A form without a choice means the one that is chosen when the page opens.
 * @returns what to say
 */
export function unknownChoice({ choice, buttons }: ChangeWords, form: FormFields): string | undefined {
  const chosen = choice && form[choice.name];
  if (choice && chosen !== undefined && !choice.options.some(({ value }) => value === chosen)) {
    return `Choose one: ${choice.options.map(({ label }) => label).join(", or ")}.`;
  }
  const decisions = buttons.flatMap(({ decision }) => decision ?? []);
  const isOffered = decisions.length === 0 || form.decision === undefined || decisions.includes(form.decision);
  return isOffered ? undefined : "Press one of the buttons.";
}

/** A field for each value there is, and one for another while there is room. */
function lines(name: string, values: readonly string[], most: number) {
  return [...values, ""].slice(0, most).map((value, index) => ({ name: `${name}_${index + 1}`, value }));
}

/** What stands in the fields that `lines()` made, and which field each value came from. */
function filledLines(form: FormFields, name: string, most: number) {
  const filled = Array.from({ length: most }, (_, index) => `${name}_${index + 1}`)
    .map((field) => ({ field, value: form[field]?.trim() ?? "" }))
    .filter(({ value }) => value !== "");
  return { values: filled.map(({ value }) => value), fieldOf: (index: number) => filled[index]?.field ?? `${name}_1` };
}
