import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Where a real broker posts its SMS messages (KUNJI_MESSAGE_SENDER), for a test without demo mode. */
export interface SmsGateway extends AsyncDisposable {
  readonly url: string;
  /** Waits for the next code that is sent to a mobile number and was not read before. */
  readonly nextOtp: (mobile: string) => Promise<string>;
}

interface Message {
  readonly to: { readonly mobile?: string };
  readonly kind: string;
  readonly otp?: string;
}

/** Starts a gateway on a free loopback port. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const unread: Message[] = [];
  let wake = () => {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    unread.push(JSON.parse(Buffer.concat(chunks).toString()) as Message);
    response.writeHead(202).end();
    wake();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    async nextOtp(mobile) {
      for (;;) {
        const index = unread.findIndex(({ to, kind }) => kind === "sms" && to.mobile === mobile);
        const [found] = index < 0 ? [] : unread.splice(index, 1);
        if (found?.otp !== undefined) return found.otp;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
