import type { BrokerContext } from "../broker-context.ts";
import { equalDigests, sha256 } from "../crypto/digest.ts";
import { newRowKey } from "../crypto/row-key.ts";
import { dialectNamed } from "../dialects.ts";
import { approveTokenRequest, rejectTokenRequest } from "../grants/token-request.ts";
import type { FormFields } from "../http/form-fields.ts";
import { isFormToken } from "../login/csrf.ts";
import { type ProvenSecret, stillCounts } from "../login/proven-secret.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import { findAccount } from "../store/accounts.ts";
import {
  findTokenRequest,
  noteOnTokenRequest,
  replaceFormNonce,
  type StoredTokenRequest,
} from "../store/token-requests.ts";

const PIN_REFUSED = "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.";
const UNAVAILABLE = "This app cannot get a token now. Ask the people who make it.";
const FORM_USED = "That form was sent before. Look at the request and decide again.";

/**
 * Takes the person's decision on a pending request. Approving needs the PIN, and the number the program shows where
 * that is switched on (S-52, D6); rejecting needs neither, since it gives nothing away. What became of it stands in the
 * row: the person is led back to the page, which shows it (S-41).
 */
export async function decide(
  context: BrokerContext,
  request: StoredTokenRequest,
  form: FormFields,
  now: number,
): Promise<void> {
  const problem = await tryToDecide(context, request, form, now);
  if (problem) await context.db.write(() => noteOnTokenRequest(request.request_key, problem));
}

/** @returns what the person has to do differently; undefined when the request is decided, now or before */
async function tryToDecide(
  context: BrokerContext,
  request: StoredTokenRequest,
  form: FormFields,
  now: number,
): Promise<string | undefined> {
  const isCurrent = isFormToken(context.keys.form, request.request_key, request.form_nonce, form.csrf);
  const nextNonce = newRowKey(now, context.random);
  const taken =
    isCurrent && (await context.db.write(() => replaceFormNonce(request.request_key, request.form_nonce, nextNonce)));
  if (!taken) return FORM_USED;

  if (form.decision === "deny") {
    await context.db.write(() => rejectTokenRequest(context, request, now));
    return undefined;
  }
  if (form.decision !== "approve") return "Choose “Approve” or “Reject”.";
  if (!isPin(form.pin ?? "")) return "The PIN has 6 digits.";
  const proven = await verifyPin(context, request.account_id, form.pin ?? "");
  if (!proven) return PIN_REFUSED;
  if (request.match_number !== null && !equalDigests(sha256(form.number ?? ""), sha256(request.match_number))) {
    // Two digits must not be tried until they fit: a wrong number means that somebody else's request is on the screen.
    await context.db.write(() => rejectTokenRequest(context, request, now));
    return undefined;
  }
  return await approve(context, proven, request, now);
}

/** @returns what keeps it from being approved; undefined when it is decided, now or before */
async function approve(
  context: BrokerContext,
  proven: ProvenSecret,
  request: StoredTokenRequest,
  now: number,
): Promise<string | undefined> {
  const account = await context.db.read(() => findAccount(request.account_id));
  const dialect = account && dialectNamed(account.dialect);
  const message = dialect?.notifierMessage;
  if (!dialect || !message) return UNAVAILABLE;
  const approval = await context.db.write(function* () {
    // The PIN may have been replaced since it was compared, by somebody who proved more than it (S-50).
    if (!(yield* stillCounts(proven))) return { outcome: "pin-replaced" } as const;
    return yield* approveTokenRequest(context, dialect.tokenRules, request, message, now);
  });
  if (approval.outcome === "approved") {
    context.wakeOutbox();
    return undefined;
  }
  if (approval.outcome === "pin-replaced") return PIN_REFUSED;
  if (approval.outcome === "objection") return dialect.errors[approval.reason]?.message ?? UNAVAILABLE;
  const current = await context.db.read(() => findTokenRequest(request.request_key));
  // Still open but not to be approved: the app lost its notifier URL, or was switched off.
  return current && !endOf(current, now) ? UNAVAILABLE : undefined;
}

/** How a request ended; undefined while it can be decided. */
export function endOf(request: StoredTokenRequest, now: number): "approved" | "rejected" | "lapsed" | undefined {
  if (request.state === "approved" || request.state === "rejected") return request.state;
  return request.state === "expired" || request.expires_at <= now ? "lapsed" : undefined;
}
