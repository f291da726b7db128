import { layout } from "./layout.tsx";
import { Name } from "./names.tsx";
import type { PageView } from "./page-view.ts";
import { safeHref } from "./safe-href.ts";

/** A message the broker "sent". The same shape as an entry of `/inbox.json` (design.md section 5), with `sentAt` ready to read. */
export interface InboxMessage {
  readonly to: string;
  readonly kind: "sms" | "push" | "email";
  readonly text: string;
  readonly otp?: string | undefined;
  readonly link?: string | undefined;
  readonly sentAt: string;
}

/** A customer of the demo data; nobody real. */
export interface DemoCustomer {
  readonly name: string;
  readonly mobileNumber: string;
  readonly pin: string;
  readonly pan: string;
  /** Base32; absent when this customer gets codes by SMS. */
  readonly totpSecret?: string | undefined;
}

export interface InboxView extends PageView {
  /** Newest first. */
  readonly messages: readonly InboxMessage[];
  readonly customers: readonly DemoCustomer[];
  /** How many customers there are when `customers` is cut short. */
  readonly customerCount?: number | undefined;
  readonly refreshHref: string;
}

const kindNames: Readonly<Record<InboxMessage["kind"], string>> = { sms: "SMS", push: "Push message", email: "E-mail" };

/** Demo mode only: the messages nobody's phone received, and whom one can log in as. */
export function inboxPage(view: InboxView): string {
  return layout({
    view: { ...view, demo: undefined }, // this page is the inbox and brings its own banner
    title: "Demo inbox",
    width: "wide",
    children: (
      <>
        <div class="title-row">
          <h1>Demo inbox</h1>
          <a class="button secondary" href={safeHref(view.refreshHref)}>
            Refresh
          </a>
        </div>
        <p class="notice demo">
          <strong>Demo mode.</strong> Nothing is really sent: every SMS, push message and e-mail of this broker lands
          here, for everyone to read. The accounts are made up.
        </p>
        <Messages messages={view.messages} />
        <Customers customers={view.customers} count={view.customerCount ?? view.customers.length} />
      </>
    ),
  });
}

function Messages({ messages }: { messages: readonly InboxMessage[] }) {
  return (
    <section aria-labelledby="messages">
      <h2 id="messages">Messages</h2>
      {messages.length === 0 ? (
        <p class="empty">No messages yet. Start a login, then refresh this page.</p>
      ) : (
        <ol class="messages">
          {messages.map((message, index) => (
            <li key={index}>
              <p class="message-head">
                <span class="badge">{kindNames[message.kind]}</span> to {message.to}
                <span class="message-time">{message.sentAt}</span>
              </p>
              {message.otp && <p class="message-code">{message.otp}</p>}
              <p class="message-text">{message.text}</p>
              {message.link && (
                <a class="button secondary" href={safeHref(message.link)}>
                  Open the link
                </a>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Customers({ customers, count }: { customers: readonly DemoCustomer[]; count: number }) {
  return (
    <section aria-labelledby="customers">
      <h2 id="customers">Demo customers</h2>
      <p class="lead">
        {count > customers.length
          ? `The first ${customers.length} of ${count}. Log in as any of them.`
          : "Log in as any of them."}
      </p>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Mobile</th>
            <th scope="col">PIN</th>
            <th scope="col">PAN</th>
            <th scope="col">Codes</th>
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.mobileNumber}>
              <th scope="row">
                <Name>{customer.name}</Name>
              </th>
              <td class="short" data-label="Mobile">
                <code>{customer.mobileNumber}</code>
              </td>
              <td class="short" data-label="PIN">
                <code>{customer.pin}</code>
              </td>
              <td class="short" data-label="PAN">
                <code>{customer.pan}</code>
              </td>
              <td data-label="Codes">
                {customer.totpSecret ? <code>{customer.totpSecret}</code> : "By SMS, see above"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
