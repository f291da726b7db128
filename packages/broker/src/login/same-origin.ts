import type { FastifyRequest } from "fastify";
import { HttpFault } from "../http/http-fault.ts";

/**
 * Refuses a form that does not come from a page of ours (S-36). Browsers say where a form comes from in `Origin`, and
 * newer ones in `Sec-Fetch-Site` as well; one of them must name us and neither may name somebody else. The Host header
 * was checked before, so it names this server.
 */
export function requireSameOrigin(request: FastifyRequest, isHttps: boolean): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isOurOrigin = origin === `${isHttps ? "https" : "http"}://${host ?? ""}`;
  // Our pages send no referrer, which makes browsers write `Origin: null`: it says nothing, so the site must.
  const isSilentOrigin = origin === undefined || origin === "null";
  const isOurSite = site === "same-origin" || site === "none";
  const isOurs = isOurOrigin ? site === undefined || isOurSite : isSilentOrigin && isOurSite;
  if (!isOurs) throw new HttpFault("malformed", { detail: "form from another origin" });
}
