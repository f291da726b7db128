import { istDateTime } from "@kunji/contract";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { type DemoPeople, inboxPage } from "../pages/index.ts";
import type { DemoInbox, InboxEntry } from "./demo-inbox.ts";

/** What demo mode adds to a broker. */
export interface Demo {
  readonly inbox: DemoInbox;
  /** Whom one can log in as, for the inbox page. */
  readonly people: readonly DemoPeople[];
}

/** Customers of each broker that the inbox page lists; there may be thousands. */
const LISTED = 20;

/** `/inbox` and `/inbox.json`: what the broker "sent". Only in demo mode. */
export function registerDemo(app: FastifyInstance, context: BrokerContext, demo: Demo): void {
  app.get("/inbox.json", async (_request, reply) => {
    await context.messages.idle();
    return reply.headers(context.jsonHeaders).send(await demo.inbox.list());
  });

  app.get("/inbox", async (_request, reply) => {
    await context.messages.idle();
    const messages = await demo.inbox.list();
    return reply
      .headers(context.pageHeaders())
      .type("text/html; charset=utf-8")
      .send(
        inboxPage({
          ...context.page({ brokerName: "Kunji" }),
          messages: messages.map((message) => ({
            ...message,
            text: withoutLink(message),
            sentAt: `${istDateTime(Date.parse(message.sentAt) / 1000)} IST`,
          })),
          people: demo.people.map((people) => ({
            ...people,
            customers: people.customers.slice(0, LISTED),
            count: people.customers.length,
          })),
          refreshHref: "/inbox",
        }),
      );
  });
}

/** On the page the link is a button; in the message it is the last word. */
function withoutLink({ text, link }: InboxEntry): string {
  return link !== undefined && text.endsWith(link) ? text.slice(0, -link.length).trimEnd() : text;
}
