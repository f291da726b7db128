/**
 * The ways in by name. Each is loaded when it is first needed: a process that only reads tokens opens no listener and
 * pays for none.
 */
import type { LoginWay } from "./account.ts";
import type { LogIn } from "./login/login-way.ts";

export type WaysIn = { readonly [Way in LoginWay]: () => Promise<LogIn> };

export const waysIn: WaysIn = {
  browser: async () => (await import("./login/browser-login.ts")).browserLogin,
  approval: async () => (await import("./login/approval-login.ts")).approvalLogin,
  totp: async () => (await import("./login/totp-login.ts")).totpLogin,
};
