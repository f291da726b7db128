import type { InboxEntry } from "../../src/demo/demo-inbox.ts";
import { readHeading, readNotice } from "../../src/testing/html-form.ts";
import type { UpstoxDemoApp } from "../../src/upstox/demo-upstox.ts";
import { type Answer, Browser } from "../login/_browser.ts";
import { csrfOf, type Place } from "../login/_login.ts";

/** `POST /v3/login/auth/token/request/{client_id}` as an app sends it. */
export async function askForToken(place: Pick<Place, "url">, app: UpstoxDemoApp, body?: unknown): Promise<Response> {
  return await fetch(`${place.url}/v3/login/auth/token/request/${encodeURIComponent(app.clientId)}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body ?? { client_secret: app.clientSecret }),
  });
}

/** Push messages, newest first. */
export async function pushes(place: Place): Promise<InboxEntry[]> {
  return (await place.inbox()).filter(({ kind }) => kind === "push");
}

/** The owner's phone: opens the link of the newest push message and decides there. */
export class ApprovalPage {
  readonly browser: Browser;
  readonly path: string;
  page: Answer;

  private constructor(browser: Browser, path: string, page: Answer) {
    this.browser = browser;
    this.path = path;
    this.page = page;
  }

  static async open(place: Place, link?: string): Promise<ApprovalPage> {
    const address = link ?? (await pushes(place))[0]?.link ?? "";
    const browser = new Browser(place.url);
    const path = new URL(address).pathname;
    return new ApprovalPage(browser, path, await browser.get(path));
  }

  /** Opens any page that shows the request, such as the console's. */
  static async at(browser: Browser, path: string): Promise<ApprovalPage> {
    return new ApprovalPage(browser, path, await browser.get(path));
  }

  get heading(): string {
    return readHeading(this.page.html);
  }

  get notice(): string | undefined {
    return readNotice(this.page.html);
  }

  async approve(pin: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.decide({ decision: "approve", pin, ...more });
  }

  async reject(): Promise<void> {
    await this.decide({ decision: "deny" });
  }

  /** Posts the form; the broker leads back to the page, which then says what became of it (S-41). */
  async decide(fields: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.browser.post(this.path, { csrf: csrfOf(this.page), ...fields });
    const isLedBack = answer.status === 303 && answer.location === this.path;
    this.page = isLedBack ? await this.browser.get(this.path) : answer;
  }
}
