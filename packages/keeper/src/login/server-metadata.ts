/**
 * What an authorization server says about itself (RFC 8414). Kunji's broker and standard servers do; the vendors do not,
 * and are not asked.
 */

export interface ServerMetadata {
  readonly issuer: string;
  /** PKCE with S256 is understood (S-18). */
  readonly understandsS256: boolean;
  /** Every callback names the issuer (RFC 9207). */
  readonly issuerInCallback: boolean;
}

export interface AskServerMetadata {
  /** Of the issuer that is asked for; it follows the origin. Empty for the one at the root. */
  readonly issuerPath: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** @defaultValue the platform's */
  readonly fetch?: typeof fetch;
}

const PATH = "/.well-known/oauth-authorization-server";
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 65_536;
const KEPT_MS = 3_600_000;

const known = new Map<string, { readonly metadata: ServerMetadata; readonly at: number }>();

/**
 * Asks the server of an API for its metadata, once an hour.
 * @param host base URL of the API; the server is taken to be the one of its origin
 * @returns undefined when there is none, or it is another server's (RFC 8414 3.3): the login then goes without
 * @throws the signal's reason
 */
export async function askServerMetadata(host: string, ask: AskServerMetadata): Promise<ServerMetadata | undefined> {
  const issuer = new URL(host).origin + ask.issuerPath;
  const cached = known.get(issuer);
  const age = cached && ask.now() - cached.at;
  if (cached && age !== undefined && age >= 0 && age < KEPT_MS) return cached.metadata;
  const metadata = await fetchMetadata(issuer, ask);
  if (metadata) known.set(issuer, { metadata, at: ask.now() });
  return metadata;
}

async function fetchMetadata(issuer: string, ask: AskServerMetadata): Promise<ServerMetadata | undefined> {
  try {
    const response = await (ask.fetch ?? fetch)(`${new URL(issuer).origin}${PATH}${ask.issuerPath}`, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([ask.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 200) return readMetadata(issuer, JSON.parse(await readText(response)));
    await response.body?.cancel();
  } catch {
    ask.signal.throwIfAborted();
  }
  return undefined;
}

function readMetadata(expected: string, body: unknown): ServerMetadata | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { issuer, code_challenge_methods_supported: methods, ...rest } = body as Record<string, unknown>;
  if (typeof issuer !== "string" || issuer.replace(/\/$/, "") !== expected) return undefined;
  return {
    issuer,
    understandsS256: Array.isArray(methods) && methods.includes("S256"),
    issuerInCallback: rest.authorization_response_iss_parameter_supported === true,
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error("the metadata is longer than it can be");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
