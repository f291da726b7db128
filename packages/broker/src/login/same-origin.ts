import type { FastifyRequest } from "fastify";
import { HttpFault } from "../http/http-fault.ts";

/**
 * Refuses a form that does not come from a page of ours (S-36). `Origin` is what browsers send with every POST; the
 * Host header was checked before, so it names this server. Programs that send neither header are no browser and carry
 * no ambient cookie of a victim.
 */
export function requireSameOrigin(request: FastifyRequest, isHttps: boolean): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isForeignOrigin = origin !== undefined && origin !== `${isHttps ? "https" : "http"}://${host ?? ""}`;
  // A page with `Referrer-Policy: no-referrer` makes browsers send `Origin: null`; then Sec-Fetch-Site must vouch.
  const isVouched = origin === "null" && site === "same-origin";
  if ((isForeignOrigin && !isVouched) || (site !== undefined && site !== "same-origin" && site !== "none")) {
    throw new HttpFault("malformed", { detail: "form from another origin" });
  }
}
