import type { InboxEntry } from "../../src/demo/demo-inbox.ts";
import { readFirstForm, readHeading, readNotice } from "../../src/testing/html-form.ts";
import { type UpstoxLoginOptions, upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import type { UpstoxDemo, UpstoxDemoCustomer } from "../../src/upstox/demo-upstox.ts";
import { type Answer, Browser, type HeaderChanges } from "./_browser.ts";

/** What a login needs of a broker; `TestBroker` is one. */
export interface Place {
  readonly url: string;
  readonly upstox: UpstoxDemo;
  readonly inbox: () => Promise<InboxEntry[]>;
}

/** Where the person stands, by what the page asks for. */
export type Shown = "mobile" | "otp" | "pin" | "pan" | "recovery-otp" | "new-pin" | "out" | "message" | "error";

const HEADINGS: Readonly<Record<string, Shown>> = {
  "Log in with your Upstox account": "mobile",
  "Enter your code": "otp",
  "Enter your PIN to allow access": "pin",
  "Enter your PIN": "pin",
  "Set a new PIN": "pan",
  "Enter the code we sent": "recovery-otp",
  "Choose a new PIN": "new-pin",
};

/** The page for a person, by its heading. */
export function shownOn(answer: Answer): Shown {
  if (answer.location !== undefined) return "out";
  return HEADINGS[readHeading(answer.html)] ?? (answer.status === 200 ? "message" : "error");
}

/** The `csrf` field of the page's first form. */
export function csrfOf(answer: Answer): string {
  return readFirstForm(answer.html)?.fields.csrf ?? "";
}

export interface OpenOptions extends UpstoxLoginOptions {
  readonly browser?: Browser;
  /** The dialog's address, when it is not the demo app's. */
  readonly dialog?: string;
}

/** One person in one tab, going through the login pages. `page` is what the tab shows. */
export class Login {
  readonly place: Place;
  readonly browser: Browser;
  page: Answer;
  /** Answers to the posts, before the redirects behind them were followed. */
  readonly answers: Answer[] = [];

  private constructor(place: Place, browser: Browser, page: Answer) {
    this.place = place;
    this.browser = browser;
    this.page = page;
  }

  static async open(place: Place, options: OpenOptions = {}): Promise<Login> {
    const browser = options.browser ?? new Browser(place.url);
    const dialog = options.dialog ?? upstoxAuthorizationUrl(place.url, place.upstox.app, options);
    const login = new Login(place, browser, await browser.get(dialog));
    await login.#follow();
    return login;
  }

  get shown(): Shown {
    return shownOn(this.page);
  }

  get heading(): string {
    return readHeading(this.page.html);
  }

  get notice(): string | undefined {
    return readNotice(this.page.html);
  }

  /** Path of the login's pages. */
  get path(): string {
    return new URL(this.page.url).pathname;
  }

  /** Key of the attempt: the handle in the path. */
  get attempt(): string {
    return this.path.split("/").at(-1) ?? "";
  }

  /** Value of the attempt's cookie. */
  get cookie(): string | undefined {
    return [...this.browser.cookies].find(([name]) => name.endsWith(`login-${this.attempt}`))?.[1];
  }

  /** Posts the form that the tab shows, and follows the redirect while it stays on the broker. */
  async submit(fields: Readonly<Record<string, string>>, changes: HeaderChanges = {}): Promise<Answer> {
    const form = { csrf: csrfOf(this.page), ...fields };
    const answer = await this.browser.post(this.path, form, changes);
    this.answers.push(answer);
    this.page = answer;
    await this.#follow();
    return answer;
  }

  async reload(): Promise<void> {
    this.page = await this.browser.get(this.path);
  }

  async enterMobile(customer: Pick<UpstoxDemoCustomer, "mobileNumber">): Promise<void> {
    await this.submit({ mobile_number: customer.mobileNumber });
  }

  /** The newest SMS code sent to this number. */
  async sentOtp(customer: Pick<UpstoxDemoCustomer, "mobileNumber">): Promise<string> {
    return (await otpsSentTo(this.place, customer))[0] ?? "";
  }

  async enterOtp(customer: UpstoxDemoCustomer): Promise<void> {
    await this.submit({ otp: await this.sentOtp(customer) });
  }

  /** Up to the page that asks for the PIN. */
  async toPin(customer: UpstoxDemoCustomer): Promise<this> {
    await this.enterMobile(customer);
    await this.enterOtp(customer);
    return this;
  }

  /** Up to the page behind the PIN, or back at the app. */
  async finish(customer: UpstoxDemoCustomer): Promise<this> {
    await this.toPin(customer);
    await this.submit({ pin: customer.pin });
    return this;
  }

  /** "Forgot PIN?" with everything right, up to the page that asks for the PIN again. */
  async recover(customer: UpstoxDemoCustomer, newPin: string): Promise<this> {
    await this.submit({ decision: "forgot_pin" });
    await this.submit({ pan: customer.pan });
    await this.enterOtp(customer);
    await this.submit({ pin: newPin, pin_again: newPin });
    return this;
  }

  /** What the app gets. */
  get callback(): URLSearchParams {
    return new URL(this.page.location ?? "about:blank").searchParams;
  }

  async #follow(): Promise<void> {
    for (let hops = 0; hops < 5 && this.page.location !== undefined; hops++) {
      const target = new URL(this.page.location, this.page.url);
      if (target.origin !== this.browser.origin) return;
      this.page = await this.browser.get(target.href);
    }
  }
}

/** The page without the reference that leads to the log, which differs every time. */
export function withoutReference(html: string): string {
  return html.replace(/Reference <code>[^<]*<\/code>/, "");
}

/** SMS codes sent to a number, newest first. */
export async function otpsSentTo(place: Place, { mobileNumber }: { mobileNumber: string }): Promise<string[]> {
  const entries = await place.inbox();
  return entries.filter(({ to, otp }) => to === mobileNumber && otp !== undefined).map(({ otp }) => otp ?? "");
}

/** Six digits that are none of these. */
export function otherDigits(...taken: readonly string[]): string {
  for (let number = 0; ; number++) {
    const digits = String(number).padStart(6, "0");
    if (!taken.includes(digits)) return digits;
  }
}
