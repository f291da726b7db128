/** Reads the access token of a request: from the one Authorization header and nowhere else (S-32). */

export type BearerResult =
  | { readonly outcome: "token"; readonly token: string }
  | { readonly outcome: "absent" }
  | { readonly outcome: "malformed" };

const absent: BearerResult = { outcome: "absent" };
const malformed: BearerResult = { outcome: "malformed" };

// RFC 6750 2.1: b64token. One character class per part, so there is nothing to backtrack into (S-109).
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Reads `Authorization: Bearer <token>`.
 * `absent` for no header, and for `Bearer` without a value: the Python SDK sends that when it has no token
 * (protocol/upstox.md 9.4). Every other scheme, Basic included, is `malformed`.
 */
export function readBearer(authorization: string | undefined): BearerResult {
  if (authorization === undefined || authorization === "") return absent;
  if (authorization.slice(0, 6).toLowerCase() !== "bearer") return malformed;
  if (authorization.trimEnd().length === 6) return absent;
  if (authorization[6] !== " ") return malformed;
  const token = authorization.slice(7).trim();
  return bearerToken.test(token) ? { outcome: "token", token } : malformed;
}
