/** A person in front of a real browser, and what the browser had to complain about meanwhile. */
import { type TestBroker, type UpstoxDemoCustomer, upstoxAuthorizationUrl } from "@kunji/broker/testing";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { axeSource } from "../../packages/broker/test/pages/_browser.ts";
import type { AppServer } from "./_app-server.ts";

declare const axe: { run(context: Document): Promise<AxeResults> };

export interface Surroundings {
  readonly browser: Browser;
  readonly broker: TestBroker;
  readonly app: AppServer;
}

export interface PersonOptions {
  readonly screen?: "phone" | "desktop";
  readonly colorScheme?: "light" | "dark";
  readonly javaScript?: boolean;
  /** Statuses of pages this person is meant to meet; the browser mentions every 4xx on its console. */
  readonly expectedStatuses?: readonly number[];
}

export const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

/** Opens a browser profile of its own: no cookie is shared with anybody. */
export async function meetPerson(surroundings: Surroundings, options: PersonOptions = {}): Promise<Person> {
  const context = await surroundings.browser.newContext({
    viewport: SCREENS[options.screen ?? "desktop"],
    colorScheme: options.colorScheme ?? "light",
    hasTouch: options.screen === "phone",
    javaScriptEnabled: options.javaScript ?? true,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(10_000);
  const person = new Person(context, await context.newPage(), surroundings);
  watch(person, options.expectedStatuses ?? []);
  return person;
}

/** Console messages, script errors and requests that leave broker and app (S-53, S-56). */
function watch({ context, problems, broker, app }: Person, expectedStatuses: readonly number[]): void {
  const ours = new Set([broker.url, app.origin]);
  context.on("console", (message) => {
    // Said when a field is filled in before the page was first drawn: nobody but a test is that quick.
    if (message.text().startsWith("Autofocus processing was blocked")) return;
    const status = /status of (\d{3})/.exec(message.text())?.[1];
    if (status === undefined || !expectedStatuses.includes(Number(status))) problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`script: ${error.error().message}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && !ours.has(url.origin)) problems.push(`request to ${url.origin}`);
  });
}

export class Person implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly broker: TestBroker;
  readonly app: AppServer;
  /** What a good page gives no reason for. Tests expect this to stay empty. */
  readonly problems: string[];

  constructor(
    context: BrowserContext,
    page: Page,
    { broker, app }: Pick<Surroundings, "broker" | "app">,
    problems: string[] = [],
  ) {
    this.context = context;
    this.page = page;
    this.broker = broker;
    this.app = app;
    this.problems = problems;
  }

  /** The same person with the same cookies, in another tab. */
  async openTab(): Promise<Person> {
    return new Person(this.context, await this.context.newPage(), this, this.problems);
  }

  /** Follows the app's "Log in" link. */
  async openDialog(state = "state-1"): Promise<void> {
    await this.page.goto(upstoxAuthorizationUrl(this.broker.url, this.broker.upstox.app, { state }));
    await this.sees("Log in with your Upstox account");
  }

  /** Waits for the page with this heading. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  }

  /** The line that says what went wrong or what just happened. */
  async notice(): Promise<string> {
    return (await this.page.locator("#notice").textContent()) ?? "";
  }

  async giveMobileNumber({ mobileNumber }: UpstoxDemoCustomer): Promise<void> {
    await this.page.fill("#mobileNum", mobileNumber);
    await this.page.click("#getOtp");
    await this.sees("Enter your code");
  }

  async giveCode(code: string): Promise<void> {
    await this.page.fill("#otpNum", code);
    await this.page.click("#continueBtn");
  }

  async givePin(pin: string): Promise<void> {
    await this.page.fill("#pinCode", pin);
    await this.page.click("#pinContinueBtn");
  }

  /** Opens the inbox in a second tab, as the demo banner offers, and copies the newest code for this number. */
  async readCodeInInbox({ mobileNumber }: { readonly mobileNumber: string }): Promise<string> {
    const opened = this.context.waitForEvent("page");
    await this.page.getByRole("link", { name: "the inbox" }).click();
    const tab = await opened;
    const message = tab.locator(".messages li").filter({ hasText: `to ${mobileNumber}` });
    const code = await message.first().locator(".message-code").textContent();
    await tab.close();
    await this.page.bringToFront();
    return code ?? "";
  }

  /** From the dialog to the PIN page, by SMS. */
  async reachPin(customer: UpstoxDemoCustomer, state?: string): Promise<void> {
    await this.openDialog(state);
    await this.giveMobileNumber(customer);
    await this.giveCode(await this.readCodeInInbox(customer));
    await this.sees("Enter your PIN to allow access");
  }

  /** Waits until the browser is back at the app. @returns the parameters it brought along */
  async arrives(): Promise<Readonly<Record<string, string>>> {
    await this.page.waitForURL(`${this.app.redirectUri}?*`);
    await this.sees("Back at the app");
    return Object.fromEntries(new URL(this.page.url()).searchParams);
  }

  /** Lets axe look at the page; nothing may be inline (S-53) or cut off at the side. */
  async examine(page = this.page): Promise<void> {
    const where = await page.title();
    const inline = await page.locator("script:not([src]), style, [style], [onclick], [onsubmit]").count();
    if (inline > 0) this.problems.push(`${where}: ${inline} inline scripts or styles`);
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => axe.run(document));
    this.problems.push(...violations.map(({ id, impact, nodes }) => `${where}: ${impact} ${id} ${nodes[0]?.html}`));
    const [needed, given] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth] as const;
    });
    if (needed > given) this.problems.push(`${where}: ${needed} px wide in ${given}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}
