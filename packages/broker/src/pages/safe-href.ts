/**
 * A link target that can only lead to a web page: an http(s) URL, or a path on this origin. Escaping alone would let
 * `javascript:` through, because it is a valid attribute value (S-56).
 * @returns "#", which leads nowhere, for anything else.
 */
export function safeHref(href: string): string {
  const isPath = /^\/(?![/\\])/.test(href) || href.startsWith("#"); // `//host` and `/\host` are other origins
  const isUrl = /^https?:\/\//i.test(href) && URL.canParse(href);
  return isPath || isUrl ? href : "#";
}

/** The same for the link that opens an authenticator app on this device. */
export function safeOtpauthUri(uri: string): string {
  return /^otpauth:\/\/totp\//i.test(uri) ? uri : "#";
}
