import type { IncomingMessage } from "node:http";

/**
 * Whether this is a person's browser that was sent here: GET, under the name we gave out, and a whole tab that
 * navigates as far as the browser says (S-86). Anything else is a page's script or frame, another site's name for this
 * address (DNS rebinding), or a form.
 * @param host the one Host header that is ours
 */
export function isNavigationTo(request: IncomingMessage, host: string): boolean {
  const {
    host: name,
    "sec-fetch-mode": mode = "navigate",
    "sec-fetch-dest": destination = "document",
  } = request.headers;
  return request.method === "GET" && name === host && mode === "navigate" && destination === "document";
}

/** The path as it was sent, without the query. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split("?", 1)[0] ?? "";
}
