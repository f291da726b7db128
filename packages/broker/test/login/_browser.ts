/** One answer of the broker, with its body read and no redirect followed. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | undefined;
  readonly html: string;
}

export type HeaderChanges = Readonly<Record<string, string | undefined>>;

/** A browser whose cookies and headers a test can reach into. It follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly origin: string;
  /** Sent with every request; `x-forwarded-for` makes it another machine where the broker believes that header. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(origin: string, headers: Readonly<Record<string, string>> = {}) {
    this.origin = origin;
    this.headers = headers;
  }

  /** @param changes headers to add; undefined leaves one out */
  async get(path: string, changes: HeaderChanges = {}): Promise<Answer> {
    return await this.#send(path, { method: "GET" }, changes);
  }

  /** Posts a form as a page of the broker's own would. @param changes headers to add; undefined leaves one out */
  async post(path: string, fields: Readonly<Record<string, string>>, changes: HeaderChanges = {}): Promise<Answer> {
    const body = new URLSearchParams(fields).toString();
    const type = "application/x-www-form-urlencoded";
    return await this.#send(path, { method: "POST", body }, { "content-type": type, origin: this.origin, ...changes });
  }

  /** Another browser that holds the same cookies. */
  copy(): Browser {
    const twin = new Browser(this.origin, this.headers);
    for (const [name, value] of this.cookies) twin.cookies.set(name, value);
    return twin;
  }

  async #send(path: string, init: RequestInit, changes: HeaderChanges): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const wanted = { accept: "text/html", ...this.headers, cookie: cookie === "" ? undefined : cookie, ...changes };
    const headers = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const url = new URL(path, this.origin).href;
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return {
      url,
      status: response.status,
      headers: response.headers,
      location: response.headers.get("location") ?? undefined,
      html: await response.text(),
    };
  }

  #keep(line: string): void {
    const pair = line.split(";")[0] ?? "";
    const name = pair.slice(0, pair.indexOf("="));
    if (/;\s*max-age=0\b/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}
