/**
 * A call's answer with what the model leaves out: the broker's clock. Every time the keeper stores is by that clock,
 * so that a machine whose own runs wrong neither keeps a dead token nor throws a live one away (S-74).
 */
import type { ApiCallback, ApiResponse } from "@kunji/client";
import { KeeperError } from "../keeper-error.ts";
import { Secret } from "../secret.ts";

export interface Answer<T> {
  readonly data: T;
  /** The broker's clock when it answered, epoch seconds; undefined when the answer had no date. */
  readonly serverTime: number | undefined;
  /** The latest moment by the broker's clock that is surely not after it made the answer, epoch seconds. */
  readonly madeAfter: number;
}

/**
 * Makes one call and keeps the response beside its data.
 * @param now epoch milliseconds
 * @param call passes the callback on to the client's method
 * @throws what the client throws
 */
export function answerOf<T>(now: () => number, call: (done: ApiCallback<T>) => unknown): Promise<Answer<T>> {
  const asked = now();
  return new Promise((resolve, reject) => {
    call((error, data, response) => {
      if (error !== null) return reject(error);
      const serverTime = serverTimeOf(response);
      const elapsed = Math.max(0, now() - asked) / 1000;
      const madeAfter = Math.floor(serverTime === undefined ? asked / 1000 : serverTime - elapsed);
      resolve({ data: data as T, serverTime, madeAfter });
    });
  });
}

/** The `Date` header in epoch seconds: the broker's clock to the second. */
export function serverTimeOf(response: ApiResponse | undefined): number | undefined {
  const milliseconds = Date.parse(response?.get("date") ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

const STRANGE_ANSWER = "Log in again. If it stays like this, the broker's answers may have changed: update Kunji.";

/** @throws KeeperError `LOGIN_FAILED` when the answer holds no token that can travel in a header */
export function requireToken(value: unknown): Secret {
  if (typeof value !== "string" || !/^[\x21-\x7e]{1,8192}$/.test(value)) {
    throw new KeeperError("LOGIN_FAILED", "the broker's answer holds no usable access token", {
      nextStep: STRANGE_ANSWER,
    });
  }
  return new Secret(value);
}

/** @throws KeeperError `LOGIN_FAILED` when the profile does not say whose it is */
export function requireUserId(value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new KeeperError("LOGIN_FAILED", "the broker's profile names no user", { nextStep: STRANGE_ANSWER });
  }
  return value;
}

/** A text of the account that its way in cannot do without. @throws KeeperError `USAGE` */
export function requireField<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new KeeperError("USAGE", `the account has no ${name}`, {
      nextStep: "Add the account again: kunji accounts add",
    });
  }
  return value;
}
