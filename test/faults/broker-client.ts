import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { upstoxRoutes } from "../../packages/contract/src/upstox/index.ts";
import type { BrokerLine } from "./broker-process.ts";

export interface Exchanged {
  readonly status: number;
  /** Set with status 200. */
  readonly token: string | undefined;
}

/** Calls of an app, over connections that are kept alive. A call that gets no answer rejects. */
export interface BrokerClient {
  readonly exchange: (code: string) => Promise<Exchanged>;
  /** @returns the status: 200 for a live token */
  readonly profile: (token: string) => Promise<number>;
  readonly logOut: (token: string) => Promise<number>;
}

/** Connections of one client; each is used for one call after the other. */
export const CONNECTIONS = 12;

export function brokerClient({ url, upstox }: Pick<BrokerLine, "url" | "upstox">): BrokerClient {
  const { clientId, clientSecret, redirectUri } = upstox.app;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const call = async (method: string, path: string, headers: Record<string, string>, body = "") => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url + path, { agent, method, headers }, resolve);
      // Tells a port that closed from a connection that was cut.
      sent.on("error", (error) => reject(Object.assign(error, { isNew: !sent.reusedSocket })));
      sent.end(body);
    });
    return { status: response.statusCode ?? 0, text: await text(response) };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    async exchange(code) {
      const form = new URLSearchParams({
        code,
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uri: redirectUri,
        grant_type: "authorization_code",
      });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const { status, text } = await call("POST", upstoxRoutes.token.path, headers, form.toString());
      const token = status === 200 ? (JSON.parse(text) as { access_token: string }).access_token : undefined;
      return { status, token };
    },
    profile: async (token) => (await call("GET", upstoxRoutes.getProfile.path, bearer(token))).status,
    logOut: async (token) => (await call("DELETE", upstoxRoutes.logout.path, bearer(token))).status,
  };
}

/** Whether the connection was refused, so that the request never left. */
export function wasRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
}
