import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import type { FormFields } from "../http/form-fields.ts";
import type { ProvenSecret } from "../login/proven-secret.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";

/** Longer passwords are nobody's. */
const MAX_PASSWORD_BYTES = 128;

/**
 * Fresh re-authentication (S-63): the PIN or password stands in the very form that changes something, so it is never
 * older than the change. It counts and locks like everywhere else (S-50).
 * @returns a proof to be looked at again in the transaction of the change, see `stillCounts()`
 */
export async function proveSecret(
  context: BrokerContext,
  identity: Pick<DialectIdentity, "secret" | "secretField">,
  accountId: string,
  form: FormFields,
): Promise<ProvenSecret | undefined> {
  const given = form[identity.secretField] ?? "";
  const isPassword = given !== "" && Buffer.byteLength(given) <= MAX_PASSWORD_BYTES;
  const isPossible = identity.secret === "PIN" ? isPin(given) : isPassword;
  return isPossible ? await verifyPin(context, accountId, given) : undefined;
}

/** What the page says when it was not right. */
export function secretRefused({ secret, secretField }: Pick<DialectIdentity, "secret" | "secretField">) {
  const text = `That ${secret} was not accepted. After 5 wrong ones the account is locked until you set a new one.`;
  return { kind: "error", text, field: secretField } as const;
}
