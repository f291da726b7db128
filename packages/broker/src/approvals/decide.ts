import type { BrokerContext } from "../broker-context.ts";
import { equalDigests, sha256 } from "../crypto/digest.ts";
import { newRowKey } from "../crypto/row-key.ts";
import { dialectNamed } from "../dialects.ts";
import { approveTokenRequest, rejectTokenRequest } from "../grants/token-request.ts";
import type { FormFields } from "../http/form-fields.ts";
import { isFormToken } from "../login/csrf.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import { type Account, findAccount } from "../store/accounts.ts";
import {
  findTokenRequest,
  noteOnTokenRequest,
  replaceFormNonce,
  type StoredTokenRequest,
} from "../store/token-requests.ts";

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
  if (!(await verifyPin(context, request.account_id, form.pin ?? ""))) {
    return "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.";
  }
  if (request.match_number !== null && !equalDigests(sha256(form.number ?? ""), sha256(request.match_number))) {
    // Two digits must not be tried until they fit: a wrong number means that somebody else's request is on the screen.
    await context.db.write(() => rejectTokenRequest(context, request, now));
    return undefined;
  }
  const account = await context.db.read(() => findAccount(request.account_id));
  if (account && (await approve(context, account, request, now))) {
    context.wakeOutbox();
    return undefined;
  }
  const current = await context.db.read(() => findTokenRequest(request.request_key));
  // Still open but not to be approved: the app lost its notifier URL, or was switched off.
  return current && !endOf(current, now) ? "This app cannot get a token now. Ask the people who make it." : undefined;
}

async function approve(
  context: BrokerContext,
  account: Account,
  request: StoredTokenRequest,
  now: number,
): Promise<boolean> {
  const dialect = dialectNamed(account.dialect);
  const message = dialect?.notifierMessage;
  if (!dialect || !message) return false;
  return await context.db.write(() => approveTokenRequest(context, dialect.tokenRules, request, message, now));
}

/** How a request ended; undefined while it can be decided. */
export function endOf(request: StoredTokenRequest, now: number): "approved" | "rejected" | "lapsed" | undefined {
  if (request.state === "approved" || request.state === "rejected") return request.state;
  return request.state === "expired" || request.expires_at <= now ? "lapsed" : undefined;
}
