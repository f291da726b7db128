/** One answer, with its body read. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly html: string;
}

/** A browser without a screen: keeps cookies and follows redirects only while they stay on the broker. */
export class ScriptedBrowser {
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Opens an address and follows redirects on the broker; the first redirect that leaves it is returned unfollowed. */
  async open(url: string): Promise<Page> {
    return await this.#follow(await this.#send(url, { method: "GET" }));
  }

  async submit(from: string, action: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const url = new URL(action, from).href;
    return await this.#follow(
      await this.#send(url, {
        method: "POST",
        body: new URLSearchParams(fields).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", origin: this.#origin },
      }),
    );
  }

  async #follow(page: Page): Promise<Page> {
    let current = page;
    for (let hops = 0; hops < 10; hops++) {
      if (current.location === undefined) return current;
      const target = new URL(current.location, current.url);
      if (target.origin !== this.#origin) return current;
      current = await this.#send(target.href, { method: "GET" });
    }
    throw new Error("the broker redirected more than ten times");
  }

  async #send(url: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Page> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", ...init.headers, ...(cookie === "" ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return {
      url,
      status: response.status,
      location: response.headers.get("location") ?? undefined,
      html: await response.text(),
    };
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    const isGone = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isGone) this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(name.length + 1));
  }
}
