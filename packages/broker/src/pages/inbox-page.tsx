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
  /** What this customer types, in the order of the columns. */
  readonly values: readonly string[];
  /** Base32; absent when this customer gets codes by SMS. */
  readonly totpSecret?: string | undefined;
}

/** The customers of one broker. */
export interface DemoPeople {
  readonly brokerName: string;
  /** What its customers type, beside their codes. */
  readonly columns: readonly string[];
  readonly customers: readonly DemoCustomer[];
  /** How many customers there are when `customers` is cut short. */
  readonly count?: number | undefined;
}

export interface InboxView extends PageView {
  /** Newest first. */
  readonly messages: readonly InboxMessage[];
  readonly people: readonly DemoPeople[];
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
        {view.people.map((people, index) => (
          <Customers key={index} people={people} id={`customers-${index + 1}`} />
        ))}
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

function Customers({ people, id }: { people: DemoPeople; id: string }) {
  const { brokerName, columns, customers, count = customers.length } = people;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{brokerName} customers</h2>
      <p class="lead">
        {count > customers.length
          ? `The first ${customers.length} of ${count}. Log in as any of them.`
          : "Log in as any of them."}
      </p>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">Name</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <th scope="col">Codes</th>
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.values[0]}>
              <th scope="row">
                <Name>{customer.name}</Name>
              </th>
              {customer.values.map((value, index) => (
                <td key={index} class="short" data-label={columns[index]}>
                  <code>{value}</code>
                </td>
              ))}
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
