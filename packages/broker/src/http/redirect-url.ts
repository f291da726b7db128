/** Builds the URL that leads back to an app: its registered redirect URI, byte for byte, with our parameters behind it. */

/** Parameters in the order they are to appear; those without a value are left out. */
export type RedirectParameters = Readonly<Record<string, string | undefined>>;

/**
 * Appends query parameters without parsing or re-encoding the URI, which would change what was registered (S-02).
 * Values are percent-encoded as UTF-8, so that decoding them gives back the same bytes - `state` above all (S-16) -
 * and no value can end the header line or add a parameter (S-07).
 * @param registeredUri the registered string, never the received one; it has passed `checkRedirectUri`.
 * @throws TypeError for a URI with a fragment or with characters no registered URI has, and URIError for a lone
 * surrogate in a value: both are bugs of the caller.
 */
export function appendQuery(registeredUri: string, parameters: RedirectParameters): string {
  if (!/^[\x21-\x7e]+$/.test(registeredUri) || registeredUri.includes("#")) throw new TypeError("redirect URI");
  let url = registeredUri;
  let separator = separatorAfter(registeredUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    url += `${separator}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    separator = "&";
  }
  return url;
}

/**
 * The status of a redirect to an app: 303 after POST, so that the browser does not post the form - with the PIN in it -
 * to the app; 302 after GET, as the vendor documents. Never 307 or 308 (S-07).
 */
export function redirectStatus(method: string): 302 | 303 {
  return method === "GET" ? 302 : 303;
}

function separatorAfter(uri: string): string {
  if (!uri.includes("?")) return "?";
  return uri.endsWith("?") || uri.endsWith("&") ? "" : "&";
}
