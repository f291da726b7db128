import { type TradejiniErrorCode, tradejiniErrors, tradejiniRoutes } from "@kunji/contract/tradejini";
import { expect } from "vitest";
import { newRowKey } from "../../src/crypto/row-key.ts";
import { mintCode, saveIssuedCode } from "../../src/grants/issue-code.ts";
import { findClient } from "../../src/store/clients.ts";
import type { TestBroker, TradejiniDemoCustomer } from "../../src/testing/index.ts";
import { type Answer, call } from "../upstox/_api.ts";

export { type Answer, call } from "../upstox/_api.ts";

/** A working day. */
export const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

export const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** The vendor's error body, to the byte: two members, and nothing that tells causes apart. */
export function expectError(answer: Answer, code: TradejiniErrorCode, message = tradejiniErrors[code].message): void {
  expect([answer.status, answer.text]).toEqual([
    tradejiniErrors[code].status,
    JSON.stringify({ s: "error", msg: message }),
  ]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json(?:; charset=utf-8)?$/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("location")).toBeNull();
}

export function customerOf(broker: Pick<TestBroker, "tradejini">, index = 0): TradejiniDemoCustomer {
  const customer = broker.tradejini.customers[index];
  if (!customer) throw new Error("no such customer");
  return customer;
}

export function accountIdOf(broker: Pick<TestBroker, "tradejini">, index = 0): string {
  return `tradejini:${customerOf(broker, index).clientCode}`;
}

/** A form without the fields that are undefined. */
export function formOf(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(given).toString();
}

/** A code of the user app, as the approval issues it, without the pages before it. */
export async function issueCode(
  broker: Pick<TestBroker, "server" | "tradejini">,
  options: { readonly customer?: number; readonly codeChallenge?: string } = {},
): Promise<string> {
  const { parts } = broker.server;
  const { clientId, redirectUri } = broker.tradejini.userApp;
  const now = parts.clock.now();
  const code = mintCode(parts, now);
  await parts.db.write(function* () {
    const client = yield* findClient("tradejini", clientId);
    const binding = {
      clientId,
      clientEpoch: client?.codeEpoch ?? 0,
      accountId: accountIdOf(broker, options.customer),
      redirectUri,
      codeChallenge: options.codeChallenge ?? null,
      attemptKey: newRowKey(now, parts.random),
    };
    yield* saveIssuedCode(parts, code, binding, now);
  });
  return code.text;
}

/** The five fields of an exchange in the SDK's order; `undefined` leaves one out. */
export function tokenForm(
  broker: Pick<TestBroker, "tradejini">,
  code: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const { userApp } = broker.tradejini;
  return formOf({
    code,
    client_id: userApp.clientId,
    redirect_uri: userApp.redirectUri,
    client_secret: userApp.clientSecret,
    grant_type: "authorization_code",
    ...changes,
  });
}

export async function exchange(
  broker: Pick<TestBroker, "url" | "tradejini">,
  code: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const body = tokenForm(broker, code, changes);
  return await call(broker, "POST", tradejiniRoutes.getAccessToken.path, { headers: FORM, body });
}

/** A fresh token of the user app, as what it is sent as: `<api_key>:<access_token>`. */
export async function getPair(
  broker: Pick<TestBroker, "server" | "tradejini" | "url">,
  customer?: number,
): Promise<string> {
  const code = await issueCode(broker, customer === undefined ? {} : { customer });
  const answer = await exchange(broker, code);
  expect(answer.status, answer.text).toBe(200);
  return `${broker.tradejini.userApp.clientId}:${accessTokenOf(answer)}`;
}

export function accessTokenOf(answer: Answer): string {
  return (answer.json as { access_token: string }).access_token;
}

export const getDetails = (broker: Pick<TestBroker, "url">, pair: string | undefined) =>
  call(broker, "GET", tradejiniRoutes.getUserDetails.path, { token: pair });

export const getLimits = (broker: Pick<TestBroker, "url">, pair: string) =>
  call(broker, "GET", tradejiniRoutes.retrieveFundsLimits.path, { token: pair });

export const getOrders = (broker: Pick<TestBroker, "url">, pair: string) =>
  call(broker, "GET", tradejiniRoutes.getOrders.path, { token: pair });

export const logOut = (broker: Pick<TestBroker, "url">, pair: string) =>
  call(broker, "POST", tradejiniRoutes.getLogoutWebResponse.path, { token: pair });

export interface DirectChanges {
  readonly fields?: Readonly<Record<string, string | undefined>>;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A direct login of the individual app's owner, with everything right but for the changes. */
export async function directLogin(broker: TestBroker, changes: DirectChanges = {}): Promise<Answer> {
  const owner = customerOf(broker);
  const fields = {
    password: owner.password,
    twoFa: broker.totpCode(owner.totpSecret),
    twoFaTyp: "totp",
    ...changes.fields,
  };
  return await call(broker, "POST", tradejiniRoutes.updatedIndividualToken.path, {
    token: "apiKey" in changes ? changes.apiKey : broker.tradejini.individualApp.clientId,
    headers: { ...FORM, ...changes.headers },
    body: formOf(fields),
  });
}
