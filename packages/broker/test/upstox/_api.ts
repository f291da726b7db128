import { type UpstoxErrorCode, upstoxErrors, upstoxRoutes } from "@kunji/contract/upstox";
import { expect } from "vitest";
import { execute } from "../../src/store/verb.ts";
import type { TestBroker } from "../../src/testing/index.ts";
import { type CodeOptions, issueCode } from "./_issue-code.ts";

export { accountIdOf, issueCode } from "./_issue-code.ts";

/** A working day, five hours after the funds service opened. */
export const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Sends one request and reads the answer. @param path below the broker's URL, with its query */
export async function call(
  broker: Pick<TestBroker, "url">,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(broker.url + path, {
    method,
    redirect: "manual",
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const getProfile = (broker: Pick<TestBroker, "url">, token: string | undefined) =>
  call(broker, "GET", upstoxRoutes.getProfile.path, { token });

export const getFunds = (broker: TestBroker, token: string, query = "") =>
  call(broker, "GET", upstoxRoutes.getUserFundMargin.path + query, { token });

export const getFundsV3 = (broker: TestBroker, token: string) =>
  call(broker, "GET", upstoxRoutes.getUserFundMarginV3.path, { token });

export const logOut = (broker: Pick<TestBroker, "url">, token: string) =>
  call(broker, "DELETE", upstoxRoutes.logout.path, { token });

export const getIps = (broker: TestBroker, token: string) =>
  call(broker, "GET", upstoxRoutes.getUserIps.path, { token });

export const putIps = (broker: TestBroker, token: string, body: object) =>
  call(broker, "PUT", upstoxRoutes.updateUserIp.path, {
    token,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const KEYS = ["errorCode", "message", "propertyPath", "invalidValue", "error_code", "property_path", "invalid_value"];

/** What an error entry should say: a code, or a code with the input it is about. */
export type ExpectedError = UpstoxErrorCode | readonly [UpstoxErrorCode, string | null];

/** The vendor's error body, to the byte: seven keys in order, both spellings, never the offending value. */
export function expectErrors(answer: Answer, status: number, ...expected: ExpectedError[]): void {
  expect([answer.status, codesOf(answer)], answer.text).toEqual([
    status,
    expected.map((e) => (Array.isArray(e) ? e[0] : e)),
  ]);
  expectVendorShape(answer);
  const { errors } = answer.json as { errors: Record<string, unknown>[] };
  for (const [index, wanted] of expected.entries()) {
    if (typeof wanted === "string") continue;
    expect(errors[index]?.propertyPath).toBe(wanted[1]);
  }
}

/** Whether the answer is an error as the vendor writes it (protocol/upstox.md 1.6). */
export function expectVendorShape(answer: Answer): void {
  expect(answer.headers.get("content-type")).toMatch(/^application\/json(?:; charset=utf-8)?$/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const body = answer.json as { status: string; errors: Record<string, unknown>[] };
  expect(Object.keys(body)).toEqual(["status", "errors"]);
  expect(body.status).toBe("error");
  expect(body.errors.length).toBeGreaterThan(0);
  for (const entry of body.errors) {
    expect(Object.keys(entry)).toEqual(KEYS);
    expect(upstoxErrors).toHaveProperty(String(entry.errorCode));
    expect(entry.error_code).toBe(entry.errorCode);
    expect(entry.property_path).toBe(entry.propertyPath);
    expect([entry.invalidValue, entry.invalid_value]).toEqual([null, null]);
  }
}

export function codesOf(answer: Answer): string[] {
  const body = answer.json as { errors?: { errorCode: string }[] } | undefined;
  return body?.errors?.map((entry) => entry.errorCode) ?? [];
}

/** The five fields of an exchange, in the order the SDKs send them; `undefined` leaves one out. */
export function tokenForm(
  broker: Pick<TestBroker, "upstox">,
  code: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const { app } = broker.upstox;
  const fields = {
    code,
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: app.redirectUri,
    grant_type: "authorization_code",
    ...changes,
  };
  const given = Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(given).toString();
}

export const FORM = { "content-type": "application/x-www-form-urlencoded" };

export async function exchange(
  broker: Pick<TestBroker, "url" | "upstox">,
  code: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  return await call(broker, "POST", upstoxRoutes.token.path, { headers: FORM, body: tokenForm(broker, code, changes) });
}

export interface Tokens {
  readonly access: string;
  readonly extended: string;
}

/** A fresh code, exchanged. */
export async function getTokens(
  broker: Pick<TestBroker, "server" | "upstox" | "url">,
  options: CodeOptions = {},
): Promise<Tokens> {
  const answer = await exchange(broker, await issueCode(broker, options));
  expect(answer.status, answer.text).toBe(200);
  return tokensOf(answer);
}

export function tokensOf(answer: Answer): Tokens {
  const body = answer.json as { access_token: string; extended_token: string };
  return { access: body.access_token, extended: body.extended_token };
}

/** Gives an account another profile, as the broker's back office would. */
export async function replaceProfile(broker: TestBroker, accountId: string, profile: object): Promise<void> {
  const text = "UPDATE accounts SET profile = ? WHERE account_id = ?";
  await broker.server.parts.db.write(() => execute(text, JSON.stringify(profile), accountId));
}
