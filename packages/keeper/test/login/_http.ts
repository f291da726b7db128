import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Address to connect to, when not the one in the URL. */
  readonly connectTo?: string;
}

/** One request with exactly these headers. `fetch` would add some and refuse others. */
export function send(url: string, { method = "GET", headers = {}, body, connectTo }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const outgoing = request(
      {
        host: connectTo ?? target.hostname.replace(/^\[|\]$/g, ""),
        port: target.port,
        path: target.pathname + target.search,
        method,
        headers: { host: target.host, ...headers },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** As a browser that follows a redirect or a link. */
export function navigate(url: string, connectTo?: string): Promise<Answer> {
  const headers = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", Accept: "text/html" };
  return send(url, { headers, ...(connectTo === undefined ? {} : { connectTo }) });
}

/** Follows a callback's redirect to the last page. */
export async function comeBack(callbackUrl: string): Promise<Answer> {
  const { status, headers } = await navigate(callbackUrl);
  if (status !== 303) throw new Error(`the callback was not taken: ${status}`);
  return await navigate(new URL(String(headers.location), callbackUrl).href);
}

/** Whether nobody listens there any more. */
export async function isClosed(url: string): Promise<boolean> {
  try {
    await navigate(url);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  }
}
