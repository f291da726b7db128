import type { DemoData, RunningBroker } from "@kunji/broker";

/** The line of `serve --json` (design.md section 5): one JSON object, broker objects only with `--demo`. */
export function readyLine({ url, demo }: Pick<RunningBroker, "url" | "demo">, pid: number): string {
  const brokers = demo ? { upstox: upstoxObject(demo), tradejini: tradejiniObject(demo) } : {};
  return JSON.stringify({ url, pid, ...brokers });
}

// Field by field: what the demo data holds beside these is nobody's business.

function upstoxObject({ upstox: { app, customers } }: DemoData) {
  const { clientId, clientSecret, redirectUri, notifierUrl } = app;
  return {
    app: { clientId, clientSecret, redirectUri, notifierUrl },
    customers: customers.map(({ userId, mobileNumber, totpSecret, pin, email, userName }) => ({
      userId,
      mobileNumber,
      totpSecret,
      pin,
      email,
      userName,
    })),
  };
}

function tradejiniObject({ tradejini: { individualApp, userApp, customers } }: DemoData) {
  const { clientId, clientSecret, redirectUri } = userApp;
  return {
    individualApp: { clientId: individualApp.clientId, clientCode: individualApp.clientCode },
    userApp: { clientId, clientSecret, redirectUri },
    customers: customers.map(({ clientCode, password, totpSecret }) => ({ clientCode, password, totpSecret })),
  };
}
