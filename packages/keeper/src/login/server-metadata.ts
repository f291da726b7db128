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
  const { origin } = new URL(host);
  const cached = known.get(origin);
  const age = cached && ask.now() - cached.at;
  if (cached && age !== undefined && age >= 0 && age < KEPT_MS) return cached.metadata;
  const metadata = await fetchMetadata(origin, ask);
  if (metadata) known.set(origin, { metadata, at: ask.now() });
  return metadata;
}

async function fetchMetadata(origin: string, ask: AskServerMetadata): Promise<ServerMetadata | undefined> {
  try {
    const response = await (ask.fetch ?? fetch)(`${origin}${PATH}`, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([ask.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 200) return readMetadata(origin, JSON.parse(await readText(response)));
    await response.body?.cancel();
  } catch {
    ask.signal.throwIfAborted();
  }
  return undefined;
}

function readMetadata(origin: string, body: unknown): ServerMetadata | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { issuer, code_challenge_methods_supported: methods, ...rest } = body as Record<string, unknown>;
  if (typeof issuer !== "string" || issuer.replace(/\/$/, "") !== origin) return undefined;
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
