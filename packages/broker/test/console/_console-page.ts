import type { BrokerParts } from "../../src/parts.ts";
import { replacePin } from "../../src/store/accounts.ts";
import { execute } from "../../src/store/verb.ts";
import type { Answer, Browser } from "../login/_browser.ts";
import { csrfOf } from "../login/_login.ts";

/** Fills in the form of a page and follows where it leads. @returns the page behind it */
export async function submitForm(
  browser: Browser,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await browser.post(path, { csrf: csrfOf(await browser.get(path)), ...fields });
  if (answer.status !== 303 || answer.location === undefined) return answer;
  return await browser.get(answer.location);
}

/** What a page says, without its tags. */
export function textOf({ html }: Answer): string {
  return html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

/** From now on somebody sets a new PIN each time while the old one is being compared, as a recovery would. */
export function recoverDuringNextCheck({ db, hasher }: BrokerParts, accountId: string): void {
  const verify = hasher.verify.bind(hasher);
  hasher.verify = async (stored, pin) => {
    hasher.verify = verify;
    const verdict = await verify(stored, pin);
    const pinHash = await hasher.hash("918273");
    await db.write(() => replacePin(accountId, pinHash));
    return verdict;
  };
}

/** The same between the comparison and what it decides: after the try was settled. */
export function recoverAfterNextCheck(parts: BrokerParts, accountId: string): void {
  const { db, hasher } = parts;
  const verify = hasher.verify.bind(hasher);
  const write = db.write.bind(db);
  hasher.verify = async (stored, pin) => {
    hasher.verify = verify;
    const verdict = await verify(stored, pin);
    const pinHash = await hasher.hash("918273");
    db.write = async (verb) => {
      db.write = write;
      const result = await write(verb);
      await write(() => replacePin(accountId, pinHash));
      return result;
    };
    return verdict;
  };
}

/** Every browser is signed out while the next PIN is being compared. */
export function signOutDuringNextCheck({ db, hasher }: BrokerParts): void {
  const verify = hasher.verify.bind(hasher);
  hasher.verify = async (stored, pin) => {
    hasher.verify = verify;
    await db.write(() => execute("DELETE FROM browser_sessions"));
    return await verify(stored, pin);
  };
}
