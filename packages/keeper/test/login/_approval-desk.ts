/** An Upstox account with the approval way, the broker that posts to its notifier URL, and messages that were forged. */
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { acceptToken } from "../../src/accept-token.ts";
import type { AccountProfile, Session } from "../../src/account.ts";
import { accountEntry, writeAccountRecord } from "../../src/account-record.ts";
import { approvalLogin } from "../../src/login/approval-login.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { notifierPath } from "../../src/login/notifier-address.ts";
import type { NotificationDeps } from "../../src/login/take-notification.ts";
import { openWebhookReceiver, type WebhookReceiver } from "../../src/login/webhook-receiver.ts";
import { Secret } from "../../src/secret.ts";
import { type Bench, freePort, openBench } from "./_bench.ts";
import { type Answer, send } from "./_http.ts";
import type { TestPerson } from "./_test-person.ts";

export const MORNING = Date.parse("2026-11-25T09:05:00+05:30");
/** How long a login waits for the approval. */
export const TEN_MINUTES = 600_000;

export async function openApprovalDesk(): Promise<ApprovalDesk> {
  const clock = { now: MORNING };
  const app = { clientId: "to-be-replaced", clientSecret: "to-be-replaced" };
  const bench = await openBench({ account: { broker: "upstox", way: "approval", ...app }, now: () => clock.now });
  const key = bench.profile.notifierKey ?? new Secret("");
  const port = await freePort();
  const broker = await startBroker({ notifierUrl: `http://127.0.0.1:${port}${notifierPath(key)}`, customers: 2 });
  broker.clock.freeze(MORNING);
  const { clientId, clientSecret } = broker.upstox.app;
  const userId = broker.upstox.customers[0]?.userId ?? "";
  const profile = { ...bench.profile, clientId, clientSecret: new Secret(clientSecret), host: broker.url, userId };
  await bench.vault.write(accountEntry(profile), writeAccountRecord(profile));
  return new ApprovalDesk({ clock, bench, broker, profile, key, port, userId });
}

interface Parts {
  readonly clock: { now: number };
  readonly bench: Bench;
  readonly broker: TestBroker;
  readonly profile: AccountProfile;
  readonly key: Secret;
  readonly port: number;
  readonly userId: string;
}

export class ApprovalDesk implements AsyncDisposable {
  readonly bench: Bench;
  readonly broker: TestBroker;
  readonly profile: AccountProfile;
  readonly key: Secret;
  readonly port: number;
  /** The app owner's. */
  readonly userId: string;
  readonly receiverUrl: string;
  readonly #clock: { now: number };

  constructor({ clock, bench, broker, profile, key, port, userId }: Parts) {
    this.#clock = clock;
    this.bench = bench;
    this.broker = broker;
    this.profile = profile;
    this.key = key;
    this.port = port;
    this.userId = userId;
    this.receiverUrl = `http://127.0.0.1:${port}${notifierPath(key)}`;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** Both clocks. */
  advance(seconds: number): void {
    this.#clock.now += seconds * 1000;
    this.broker.clock.freeze(this.#clock.now);
  }

  /** Starts a login; a failure is looked at later. */
  start(person: TestPerson, changes?: Partial<LoginRequest>): Promise<Session> {
    const { profile, port } = this;
    const login = approvalLogin(this.bench.request(person, { profile, webhookPort: port, ...changes }));
    login.catch(() => {});
    return login;
  }

  /** What a keeper that listens all the time works with. */
  notificationDeps(): NotificationDeps {
    const { bench, profile } = this;
    const { signal } = new AbortController();
    const now = () => this.#clock.now;
    const accept: NotificationDeps["accept"] = (token) =>
      acceptToken({ ...bench, now }, profile, token, { obtainedBy: "approval", signal });
    return { ...bench, profile, accept, now, signal };
  }

  /** A receiver that another keeper has open. */
  async openReceiver(take: (body: unknown) => void): Promise<WebhookReceiver> {
    const receiver = await openWebhookReceiver({ port: this.port, now: () => this.#clock.now });
    receiver.add(this.key, take);
    return receiver;
  }

  post(body: object): Promise<Answer> {
    return send(this.receiverUrl, { method: "POST", body: JSON.stringify(body) });
  }

  /** A real token of a customer for our app, as somebody could have obtained it elsewhere. */
  async tokenOf(customer = this.broker.upstox.customers[0]): Promise<string> {
    const { broker } = this;
    const { clientId, clientSecret, redirectUri } = broker.upstox.app;
    const { code = "" } = await broker.login("upstox", customer ? { customer } : {});
    const grant = { code, redirect_uri: redirectUri, grant_type: "authorization_code" };
    const answer = await fetch(`${broker.url}/v2/login/authorization/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...grant }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  /** What the broker would post. */
  message(token: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      client_id: this.profile.clientId,
      user_id: this.userId,
      access_token: token,
      token_type: "Bearer",
      expires_at: String(Date.parse("2026-11-26T03:30:00+05:30")),
      issued_at: String(this.now),
      message_type: "access_token",
      ...changes,
    };
  }

  /** How often the broker was asked whose a token is. */
  profileCalls(): number {
    return this.broker.requests().filter(({ path }) => path.endsWith("/user/profile")).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.broker.close();
  }
}
