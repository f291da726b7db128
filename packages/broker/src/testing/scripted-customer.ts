import { readFirstForm, readHeading, readNotice } from "./html-form.ts";
import { type Page, ScriptedBrowser } from "./scripted-browser.ts";

/** What a scripted customer types, by the stable field names of the pages (design.md section 5). */
export interface CustomerAnswers {
  /** Fields whose value is known beforehand, such as `mobile_number` and `pin`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Fields whose value is found when it is asked for, such as a one-time code. */
  readonly ask?: Readonly<Record<string, () => Promise<string>>>;
  /** Buttons to press once before a field is filled in, such as the one that sends a code: `decision` by field. */
  readonly press?: Readonly<Record<string, string>>;
}

/** A step the customer took, for whoever watches. */
export interface CustomerStep {
  /** Heading of the page. */
  readonly heading: string;
  /** Names of the fields that were filled in. */
  readonly filled: readonly string[];
}

/** Where the pages led to. */
export interface LoginResult {
  /** The app's redirect URI with everything the broker put behind it. */
  readonly callbackUrl: string;
  readonly code: string | undefined;
  readonly state: string | undefined;
  readonly iss: string | undefined;
  readonly error: string | undefined;
}

const MOST_PAGES = 12;

/**
 * Goes through the real login pages over HTTP as a customer would: opens the address, fills in the first form of each
 * page, until the broker sends the browser back to the app.
 * @throws Error with what the page said when it does not go on
 */
export async function logInAsCustomer(
  authorizationUrl: string,
  answers: CustomerAnswers,
  watch: (step: CustomerStep) => void = () => {},
): Promise<LoginResult> {
  const { origin } = new URL(authorizationUrl);
  const browser = new ScriptedBrowser(origin);
  let page = await browser.open(authorizationUrl);
  let asked = "";
  const pressed = new Set<string>();
  for (let count = 0; count < MOST_PAGES; count++) {
    if (page.location !== undefined) return readResult(page.location);
    const form = page.status === 200 ? readFirstForm(page.html) : undefined;
    if (!form) throw new Error(`the login stopped: ${describe(page)}`);
    const button = form.inputs.find((name) => answers.press?.[name] !== undefined && !pressed.has(name));
    if (button !== undefined) {
      pressed.add(button);
      const { csrf = "" } = form.fields;
      page = await browser.submit(page.url, form.action, { csrf, decision: answers.press?.[button] ?? "" });
      continue;
    }
    // The same question twice means the answer was not taken; asking again would only use up tries.
    if (form.inputs.join() === asked) throw new Error(`the login stopped: ${describe(page)}`);
    asked = form.inputs.join();
    const fields = { ...form.fields };
    for (const name of form.inputs) fields[name] = await answerFor(name, answers);
    watch({ heading: readHeading(page.html), filled: form.inputs });
    page = await browser.submit(page.url, form.action, fields);
  }
  throw new Error("the login took too many pages");
}

async function answerFor(name: string, { fields, ask }: CustomerAnswers): Promise<string> {
  const known = fields[name] ?? (await ask?.[name]?.());
  if (known === undefined) throw new Error(`the page asks for "${name}", which this customer does not know`);
  return known;
}

function describe(page: Page): string {
  const notice = readNotice(page.html);
  return `${page.status} ${readHeading(page.html) || "no page"}${notice ? ` - ${notice}` : ""}`;
}

function readResult(callbackUrl: string): LoginResult {
  const parameters = new URL(callbackUrl).searchParams;
  const read = (name: string) => parameters.get(name) ?? undefined;
  return { callbackUrl, code: read("code"), state: read("state"), iss: read("iss"), error: read("error") };
}
