import type { RunningBroker } from "@kunji/broker";

/** The line of `serve --json` (design.md section 5): one JSON object, broker objects only with `--demo`. */
export function readyLine({ url, demo }: Pick<RunningBroker, "url" | "demo">, pid: number): string {
  if (!demo) return JSON.stringify({ url, pid });
  const { app, customers } = demo.upstox;
  return JSON.stringify({
    url,
    pid,
    upstox: {
      app: {
        clientId: app.clientId,
        clientSecret: app.clientSecret,
        redirectUri: app.redirectUri,
        notifierUrl: app.notifierUrl,
      },
      customers: customers.map(({ userId, mobileNumber, totpSecret, pin, email, userName }) => ({
        userId,
        mobileNumber,
        totpSecret,
        pin,
        email,
        userName,
      })),
    },
  });
}
