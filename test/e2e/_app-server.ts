import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A webhook as it arrived at the app's notifier URL. */
export interface ArrivedWebhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, string>;
}

/** The app a customer logs in to: a redirect URI and a notifier URL, and what arrived at each. */
export interface AppServer extends AsyncDisposable {
  readonly origin: string;
  readonly redirectUri: string;
  readonly notifierUrl: string;
  /** Paths with their query, oldest first. */
  readonly callbacks: readonly URL[];
  readonly webhooks: readonly ArrivedWebhook[];
  readonly close: () => Promise<void>;
}

/** What the app shows the customer who came back. Complete, so that an accessibility checker has nothing to say. */
const ARRIVED = `<!doctype html><html lang="en"><head><title>Demo app</title><link rel="icon" href="data:,"></head>
<body><main><h1>Back at the app</h1></main></body></html>`;

/** Starts the app on a free loopback port. */
export async function startAppServer(): Promise<AppServer> {
  const callbacks: URL[] = [];
  const webhooks: ArrivedWebhook[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://app.test");
    if (request.method === "POST") {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
      webhooks.push({ path: url.pathname, headers: request.headers, body });
      response.writeHead(200, { "content-type": "text/plain" }).end("ok");
      return;
    }
    callbacks.push(url);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(ARRIVED);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    origin,
    redirectUri: `${origin}/callback`,
    notifierUrl: `${origin}/notifier`,
    callbacks,
    webhooks,
    close,
    [Symbol.asyncDispose]: close,
  };
}
