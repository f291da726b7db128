import { request } from "node:http";
import { text } from "node:stream/consumers";

/** One answer, with its body read. */
export interface HopAnswer {
  readonly url: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** A browser that makes a new connection for every request, so that a load balancer may lead each one elsewhere. */
export class HoppingBrowser {
  readonly #cookies = new Map<string, string>();

  /** Opens an address and follows redirects while they stay on its host. */
  async open(url: string, form?: Readonly<Record<string, string>>): Promise<HopAnswer> {
    let answer = await this.send(url, form ? { method: "POST", form } : {});
    for (let hops = 0; answer.location !== undefined && hops < 10; hops++) {
      const target = new URL(answer.location, answer.url);
      if (target.origin !== new URL(url).origin) return answer;
      answer = await this.send(target.href);
    }
    return answer;
  }

  async send(
    url: string,
    options: {
      readonly method?: string;
      readonly form?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<HopAnswer> {
    const { method = "GET", form } = options;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = {
      ...(cookie === "" ? {} : { cookie }),
      ...(form ? { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin } : {}),
      ...options.headers,
    };
    return await new Promise((resolve, reject) => {
      const sent = request(url, { agent: false, method, headers }, (response) => {
        for (const line of response.headers["set-cookie"] ?? []) this.#keep(line);
        const { statusCode: status = 0, headers } = response;
        text(response).then((body) => resolve({ url, status, location: headers.location, body }), reject);
      });
      sent.on("error", reject).end(form && new URLSearchParams(form).toString());
    });
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(name.length + 1));
  }
}
