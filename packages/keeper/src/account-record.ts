/**
 * What the vault's `account` and `factors` entries hold.
 */
import { type AccountId, type AccountProfile, accountLabel, type LoginFactors } from "./account.ts";
import { readRecord } from "./record-fields.ts";
import { Secret } from "./secret.ts";

const VERSION = 1;

export function accountEntry({ broker, account }: AccountId) {
  return { broker, account, kind: "account" } as const;
}

export function factorsEntry({ broker, account }: AccountId) {
  return { broker, account, kind: "factors" } as const;
}

/** The content of an `account` entry. It holds the app's secret: it is for the vault only. */
export function writeAccountRecord(profile: AccountProfile): string {
  const { way, clientId, clientSecret, redirectUri, userId, host, notifierKey } = profile;
  const secrets = { clientSecret: clientSecret?.reveal(), notifierKey: notifierKey?.reveal() };
  return JSON.stringify({ version: VERSION, way, clientId, redirectUri, userId, host, ...secrets });
}

/** @throws KeeperError `VAULT_DAMAGED` */
export function readAccountRecord(content: string, { broker, account }: AccountId): AccountProfile {
  const record = readRecord(content, `the account ${accountLabel({ broker, account })}`, VERSION);
  return {
    broker,
    account,
    way: record.oneOf("way", ["browser", "approval", "totp"]),
    clientId: record.text("clientId"),
    clientSecret: optionalSecret(record.optionalText("clientSecret")),
    redirectUri: record.optionalText("redirectUri"),
    userId: record.optionalText("userId"),
    host: record.optionalText("host"),
    notifierKey: optionalSecret(record.optionalText("notifierKey")),
  };
}

/** The content of a `factors` entry (S-78). */
export function writeFactorsRecord({ password, totpSecret }: LoginFactors): string {
  return JSON.stringify({ version: VERSION, password: password.reveal(), totpSecret: totpSecret.reveal() });
}

/** @throws KeeperError `VAULT_DAMAGED` */
export function readFactorsRecord(content: string, id: AccountId): LoginFactors {
  const record = readRecord(content, `the login factors of ${accountLabel(id)}`, VERSION);
  return { password: new Secret(record.text("password")), totpSecret: new Secret(record.text("totpSecret")) };
}

function optionalSecret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}
