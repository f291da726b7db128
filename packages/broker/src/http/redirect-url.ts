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

function separatorAfter(uri: string): string {
  if (!uri.includes("?")) return "?";
  return uri.endsWith("?") || uri.endsWith("&") ? "" : "&";
}
