import { readFirstForm, readHeading, readNotice } from "../../src/testing/html-form.ts";
import {
  type TestBroker,
  type TradejiniDemoCustomer,
  type TradejiniLoginOptions,
  tradejiniAuthorizationUrl,
} from "../../src/testing/index.ts";
import { tradejiniMobile } from "../../src/tradejini/demo-tradejini.ts";
import { type Answer, Browser } from "../login/_browser.ts";

/** What a login needs of a broker; `TestBroker` is one. */
export type Place = Pick<TestBroker, "url" | "tradejini" | "inbox">;

export interface OpenOptions extends TradejiniLoginOptions {
  readonly browser?: Browser;
  /** The address to open, when it is not the user app's. */
  readonly address?: string;
}

/** One person in one tab, going through the Tradejini pages. `page` is what the tab shows. */
export class Login {
  readonly broker: Place;
  readonly browser: Browser;
  page: Answer;

  private constructor(broker: Place, browser: Browser, page: Answer) {
    this.broker = broker;
    this.browser = browser;
    this.page = page;
  }

  static async open(broker: Place, options: OpenOptions = {}): Promise<Login> {
    const browser = options.browser ?? new Browser(broker.url);
    const address = options.address ?? tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, options);
    const login = new Login(broker, browser, await browser.get(address));
    await login.#follow();
    return login;
  }

  get heading(): string {
    return readHeading(this.page.html);
  }

  get notice(): string | undefined {
    return readNotice(this.page.html);
  }

  get path(): string {
    return new URL(this.page.url).pathname;
  }

  get csrf(): string {
    return readFirstForm(this.page.html)?.fields.csrf ?? "";
  }

  /** What the app gets. */
  get callback(): URLSearchParams {
    return new URL(this.page.location ?? "about:blank").searchParams;
  }

  async submit(fields: Readonly<Record<string, string>>): Promise<Answer> {
    const answer = await this.browser.post(this.path, { csrf: this.csrf, ...fields });
    this.page = answer;
    await this.#follow();
    return answer;
  }

  async reload(): Promise<void> {
    this.page = await this.browser.get(this.path);
  }

  async enterPassword({ clientCode, password }: Pick<TradejiniDemoCustomer, "clientCode" | "password">): Promise<void> {
    await this.submit({ client_code: clientCode, password });
  }

  /** Asks for an SMS and reads it. */
  async askForCode(customer: TradejiniDemoCustomer): Promise<string> {
    await this.submit({ decision: "send_otp" });
    return await newestCode(this.broker, customer);
  }

  /** Up to the page with the decision. */
  async toApproval(customer: TradejiniDemoCustomer): Promise<this> {
    await this.enterPassword(customer);
    const code = await this.askForCode(customer);
    await this.submit({ two_fa: code, two_fa_type: "otp" });
    return this;
  }

  async #follow(): Promise<void> {
    for (let hops = 0; hops < 5 && this.page.location !== undefined; hops++) {
      const target = new URL(this.page.location, this.page.url);
      if (target.origin !== this.browser.origin) return;
      this.page = await this.browser.get(target.href);
    }
  }
}

/** The newest SMS code sent to a customer; empty when there is none. */
export async function newestCode(broker: Place, customer: TradejiniDemoCustomer): Promise<string> {
  const mobile = tradejiniMobile(broker.tradejini, customer);
  return (await broker.inbox()).find(({ to, otp }) => to === mobile && otp !== undefined)?.otp ?? "";
}

/** Six digits that are none of these. */
export function otherDigits(...taken: readonly string[]): string {
  for (let number = 0; ; number++) {
    const digits = String(number).padStart(6, "0");
    if (!taken.includes(digits)) return digits;
  }
}
