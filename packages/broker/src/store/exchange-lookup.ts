import type { Client } from "./clients.ts";
import { FOUND_CODE_COLUMNS, type FoundCode, readFoundCode } from "./codes.ts";
import type { ThrottleRow } from "./throttles.ts";
import { manyAtOnce, reading, selectOne, type Verb } from "./verb.ts";

/** What an exchange asks about the app that presents a code. */
export type ExchangingClient = Pick<
  Client,
  | "clientId"
  | "dialect"
  | "status"
  | "native"
  | "redirectUris"
  | "flows"
  | "secretDigest"
  | "previousSecretDigest"
  | "previousSecretUntil"
  | "tokenEpoch"
  | "codeEpoch"
>;

/** Everything an exchange asks before it decides. Each part is undefined when there is no such row. */
export interface ExchangeFacts {
  /** The count under the throttle's key. */
  readonly throttle: Pick<ThrottleRow, "count" | "window_start"> | undefined;
  readonly client: ExchangingClient | undefined;
  readonly code: FoundCode | undefined;
  /** Row key of the live extended token that the code's app holds for its account. */
  readonly heldExtended: string | undefined;
}

/** Finds all of it with one statement: this is the hottest path there is, and each statement costs as much again. */
export function* lookUpExchange(
  keys: { readonly throttleKey: string; readonly clientId: string; readonly codeKey: string },
  now: number,
): Verb<ExchangeFacts> {
  const facts = yield* selectOne(LOOK_UP, keys.throttleKey, keys.clientId, keys.codeKey, now);
  if (!facts) throw new TypeError("a query of one row gave none");
  return facts;
}

const CLIENT_AT = 2;
const CODE_AT = CLIENT_AT + 11;
const HELD_AT = CODE_AT + 14;

const LOOK_UP = reading(
  manyAtOnce(
    `SELECT t.count, t.window_start,
       k.client_id, k.dialect, k.status, k.native, k.redirect_uris, k.flows, k.secret_digest, k.previous_secret_digest,
       k.previous_secret_until, k.token_epoch, k.code_epoch,
       ${FOUND_CODE_COLUMNS},
       x.token_key
     FROM (SELECT 1 AS one) asked
       LEFT JOIN throttles t ON t.throttle_key = ?
       LEFT JOIN clients k ON k.client_id = ?
       LEFT JOIN codes c ON c.code_key = ?
       LEFT JOIN accounts a ON a.account_id = c.account_id
       LEFT JOIN held_tokens h ON h.client_id = c.client_id AND h.account_id = c.account_id AND h.kind = 'extended'
       LEFT JOIN tokens x ON x.token_key = h.token_key AND x.revoked_at IS NULL AND x.expires_at > ?
         AND x.client_epoch = k.token_epoch AND x.account_epoch = a.extended_epoch`,
    ["text", "text", "text", "number"],
  ),
  readFacts,
);

function readFacts(values: readonly unknown[]): ExchangeFacts {
  return {
    throttle: values[0] === null ? undefined : { count: values[0] as number, window_start: values[1] as number },
    client: readClient(values, CLIENT_AT),
    code: readFoundCode(values, CODE_AT),
    heldExtended: (values[HELD_AT] as string | null) ?? undefined,
  };
}

function readClient(values: readonly unknown[], at: number): ExchangingClient | undefined {
  const clientId = values[at] as string | null;
  if (clientId === null) return undefined;
  return {
    clientId,
    dialect: values[at + 1] as string,
    status: values[at + 2] as Client["status"],
    native: values[at + 3] === 1,
    redirectUris: JSON.parse(values[at + 4] as string) as string[],
    flows: JSON.parse(values[at + 5] as string) as Client["flows"],
    secretDigest: values[at + 6] as Uint8Array | null,
    previousSecretDigest: values[at + 7] as Uint8Array | null,
    previousSecretUntil: values[at + 8] as number | null,
    tokenEpoch: values[at + 9] as number,
    codeEpoch: values[at + 10] as number,
  };
}
