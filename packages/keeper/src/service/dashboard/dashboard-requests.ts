/** What the dashboard reads of a request, and what it refuses. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ServiceFault } from "../service-fault.ts";
import { type DashboardAccess, type DashboardSession, fitsCsrf } from "./dashboard-access.ts";

/** Cookies do not know ports: the name keeps two keepers of one machine apart. */
export function cookieName(port: number): string {
  return `kunji-keeper-${port}`;
}

/** No `Secure`: the address is http on loopback, where nothing travels over a wire (S-38 allows it there only). */
export function cookieHeader(port: number, value: string): string {
  const end = value === "" ? "; Max-Age=0" : "";
  return `${cookieName(port)}=${value}; Path=/; HttpOnly; SameSite=Strict${end}`;
}

/** @returns undefined when there is none, or two (S-39): one of them was not set by us */
export function readCookie(request: FastifyRequest, port: number): string | undefined {
  const prefix = `${cookieName(port)}=`;
  const ours = (request.headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix));
  return ours.length === 1 ? ours[0]?.slice(prefix.length) : undefined;
}

/** Reads forms whose only field is the CSRF token; everything else is refused. */
export function registerFormParser(app: FastifyInstance): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: 1_024 },
    (_request, body, done) => {
      const fields = [...new URLSearchParams(String(body))];
      const [field] = fields;
      if (fields.length === 1 && field?.[0] === "csrf") done(null, { csrf: field[1] });
      else done(new ServiceFault("BAD_REQUEST", "the form is not one of this page"));
    },
  );
}

/**
 * Refuses what another page sent: another port of this machine is the same *site* and would get the cookie, so the
 * *origin* counts. Our pages send no referrer, which makes browsers write `Origin: null`; then `Sec-Fetch-Site` says it.
 */
export function requireSameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isOurOrigin = origin === `http://${host ?? ""}`;
  const isSilent = origin === undefined || origin === "null";
  const isOurs = isOurOrigin ? site === undefined || site === "same-origin" : isSilent && site === "same-origin";
  if (!isOurs) throw new ServiceFault("BROWSER_REFUSED", "this did not come from the dashboard");
}

/** A form of ours, sent from a page of ours by a browser that we let in (S-36). */
export function requireForm(request: FastifyRequest, access: DashboardAccess, port: number): DashboardSession {
  requireSameOrigin(request);
  const session = access.find(readCookie(request, port));
  if (!session) throw new ServiceFault("UNAUTHORIZED", "this browser was not let in", "Run: kunji dashboard");
  const { csrf } = (request.body ?? {}) as { readonly csrf?: string };
  if (!fitsCsrf(session, csrf)) {
    throw new ServiceFault("BROWSER_REFUSED", "this form is not from the page you see", "Reload the page.");
  }
  return session;
}
