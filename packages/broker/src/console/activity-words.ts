import type { AuditEvent } from "../store/audit.ts";

/** An entry in words; the name of the app, where there is one, is shown beside it. */
export interface ActivityWords {
  readonly text: string;
  /** Somebody tried something that did not work, or lost something: worth a second look. */
  readonly isWarning: boolean;
}

export interface ActivityFacts {
  /** What the broker's people know by heart. */
  readonly secret: "PIN" | "password";
  readonly detail: Readonly<Record<string, string | number>>;
}

type Words = string | ((facts: ActivityFacts) => string);

const plain: Readonly<Partial<Record<AuditEvent, Words>>> = {
  "console.signed-in": "Signed in to these pages",
  "console.signed-out": ({ detail }) =>
    detail.by === undefined ? "Signed out of these pages" : "A browser was signed out from another one",
  "login.cancelled": "A login was cancelled",
  "code.issued": "You logged in and allowed access",
  "login.direct": ({ secret }) => `Logged in directly, with your ${secret} and a code`,
  "token-request.opened": "Asked for access by approval",
  "token-request.approved": "You approved access",
  "token-request.rejected": "You rejected a request",
  "token.revoked": "Access was ended",
  "account.logged-out": "All apps were logged out",
  "basket.placing": "You approved orders",
  "basket.placed": "Orders were placed",
  "static-ip.changed": "The static IPs were changed",
  "totp.enrolled": "An authenticator app was set up",
  "login.pan-accepted": ({ secret }) => `The PAN was given for a new ${secret}`,
  "client.registered": "Your app was registered",
  "client.redirect-uris-changed": by("The redirect URIs were changed"),
  "client.notifier-url-changed": by("The notifier URL was changed"),
  "client.webhook-secret-changed": by("The signing secret was changed"),
  "client.secret-rotated": by("The app got a new secret"),
  "client.ips-changed": by("The registered addresses were changed"),
  "client.renamed": by("The app got another name"),
  "client.flows-changed": by("The ways to get tokens were changed"),
  "client.status-changed": (facts) =>
    by(facts.detail.status === "active" ? "The app was switched on" : "The app was switched off")(facts),
  "account.opened": "The account was opened",
  "account.unlocked": "The account was unlocked",
  "account.reopened": "The account was opened again",
};

const warnings: Readonly<Partial<Record<AuditEvent, Words>>> = {
  "login.otp-refused": "A wrong code was given",
  "login.pin-refused": "A wrong PIN was given",
  "login.password-refused": ({ secret }) => `A wrong ${secret} was given`,
  "login.pan-refused": ({ secret }) => `A wrong PAN was given for a new ${secret}`,
  "login.locked": ({ secret }) => `The account was locked after 5 wrong ${secret}s`,
  "login.pin-reset": ({ secret }) => `A new ${secret} was set; everything was logged out`,
  "code.replayed": "A login was used twice, so its access was ended",
  "basket.refused": "Orders were not taken",
  "basket.unknown": "Orders got no answer",
  "totp.removed": "The authenticator app was turned off",
  "account.pin-set": ({ secret }) => `A new ${secret} was set by the broker`,
  "account.mobile-changed": "The mobile number was changed by the broker; you were signed out",
  "account.closed": "The account was closed",
  "client.owner-changed": by("The app was given to another owner, so its access was ended"),
};

/** What happened, in words. @param event of the audit vocabulary; one without words is shown as it is */
export function activityWords(event: string, facts: ActivityFacts): ActivityWords {
  const known = event as AuditEvent;
  const words = warnings[known] ?? plain[known] ?? event;
  return { text: typeof words === "string" ? words : words(facts), isWarning: warnings[known] !== undefined };
}

/** Says when it was not the owner who did it. */
function by(text: string): (facts: ActivityFacts) => string {
  return ({ detail }) => (detail.by === "operator" ? `${text} by the broker` : text);
}
