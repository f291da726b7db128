/**
 * The protective headers of every answer. No header here allows another origin to read anything: there is no CORS on
 * pages and authorization (S-57).
 */

export type Headers = Readonly<Record<string, string>>;

/** For answers that are data: JSON, errors, empty bodies. Add `strictTransport` when the issuer is https. */
export const jsonHeaders: Headers = Object.freeze({
  "cache-control": "no-store", // S-55, RFC 6749 5.1
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
});

/** HSTS for one year (S-54). Browsers ignore it over plain http, so it is only sent over https. */
export const strictTransport: Headers = Object.freeze({ "strict-transport-security": "max-age=31536000" });

export interface PageHeaderOptions {
  readonly https: boolean;
  /** The page loads scripts of ours. Without it no script runs at all. */
  readonly scripts?: boolean;
}

/**
 * The header set of pages (S-53, S-54, S-55), as a function of where the page's form finally leads.
 * @returns called without an argument: forms stay on this server. Called with the *registered* redirect URI: the
 * browser may follow the redirect after the form there as well, which Chromium forbids otherwise. Last step only.
 */
export function createPageHeaders({ https, scripts = false }: PageHeaderOptions): (redirectUri?: string) => Headers {
  const headers = {
    ...jsonHeaders,
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    ...(https ? strictTransport : {}),
  };
  const withPolicy = (formTarget?: string): Headers =>
    Object.freeze({ ...headers, "content-security-policy": contentSecurityPolicy(scripts, formTarget) });
  const ours = withPolicy();
  return (redirectUri) => (redirectUri === undefined ? ours : withPolicy(formActionSource(redirectUri)));
}

/** The header set of data answers for this issuer. */
export function createJsonHeaders({ https }: { readonly https: boolean }): Headers {
  return https ? Object.freeze({ ...jsonHeaders, ...strictTransport }) : jsonHeaders;
}

function contentSecurityPolicy(scripts: boolean, formTarget: string | undefined): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `script-src ${scripts ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action 'self'${formTarget === undefined ? "" : ` ${formTarget}`}`,
  ].join("; ");
}

/**
 * The CSP source for a registered redirect URI: its origin. CSP's grammar has no IPv6 literals, so `http://[::1]`
 * becomes its scheme. Whatever else does not fit the grammar is refused rather than let into the header.
 * @throws TypeError when the URI is not http(s) or its host does not fit.
 */
export function formActionSource(redirectUri: string): string {
  const { protocol, host, hostname, origin } = new URL(redirectUri);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError("redirect URI scheme");
  if (hostname.startsWith("[")) return protocol;
  if (!/^[a-z0-9.-]+(?::[0-9]+)?$/.test(host)) throw new TypeError("redirect URI host");
  return origin;
}
