import type { TestBroker } from "@kunji/broker/testing";

/** The owner opens the newest push message's link and decides, over HTTP. Waits until the webhook was delivered. */
export async function decide(broker: TestBroker, decision: "approve" | "deny"): Promise<void> {
  const push = (await broker.inbox()).find(({ kind }) => kind === "push");
  const link = push?.link ?? "";
  const page = await (await fetch(link)).text();
  const csrf = /name="csrf" value="([^"]*)"/.exec(page)?.[1] ?? "";
  const pin = broker.upstox.customers[0]?.pin ?? "";
  const answer = await fetch(link, {
    method: "POST",
    headers: { origin: broker.url },
    body: new URLSearchParams({ csrf, pin, decision }),
    redirect: "manual",
  });
  if (answer.status !== 303) throw new Error(`the decision was not taken: ${answer.status}`);
  await broker.settled();
}
