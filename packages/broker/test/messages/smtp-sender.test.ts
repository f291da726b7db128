import { afterEach, describe, expect, it, vi } from "vitest";
import type { OutgoingMessage } from "../../src/messages/message-sender.ts";
import { type SmtpSettings, smtpSender } from "../../src/messages/smtp-sender.ts";
import { canaries, everythingIn, message } from "./_message.ts";
import { type SmtpServer, type SmtpServerOptions, smtpServer } from "./_smtp-server.ts";

const servers: SmtpServer[] = [];

async function start(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const server = await smtpServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  vi.unstubAllEnvs();
});

function senderTo(port: number, changes: Partial<SmtpSettings> = {}) {
  return smtpSender({
    host: "127.0.0.1",
    port,
    implicitTls: false,
    isLoopback: true,
    from: "Kunji <no-reply@example.com>",
    timeout: () => new AbortController().signal,
    ...changes,
  });
}

/** The text part as the person reads it. */
function textOf(data: string): string {
  const [head = "", ...body] = data.split("\n\n");
  const text = body.join("\n\n");
  if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(text, "base64").toString("utf8").trim();
  const joined = text.replace(/=\n/g, "");
  const bytes = joined.replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8").trim();
}

describe("SMTP sender", () => {
  it("sends the text to the account's address, whatever kind of message it is", async () => {
    const server = await start();
    await senderTo(server.port).send(message);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: "no-reply@example.com", to: [canaries.email] });
    expect(mail?.data).toContain("From: Kunji <no-reply@example.com>");
    expect(mail?.data).toContain("Auto-Submitted: auto-generated");
    expect(textOf(mail?.data ?? "")).toBe(message.text);
    expect(server.logins).toEqual([]);
  });

  it("never shows the code in the subject", async () => {
    const server = await start();
    await senderTo(server.port).send(message);
    await senderTo(server.port).send({ ...message, otp: undefined, link: "https://example.com/a" });
    await senderTo(server.port).send({ ...message, otp: undefined });
    const subjects = server.mails.map(({ data }) => /^Subject: (.*)$/m.exec(data)?.[1]);
    expect(subjects).toEqual(["Your login code", "A request waits for your decision", "A message about your account"]);
  });

  it("logs in when there is a user", async () => {
    const server = await start();
    await senderTo(server.port, { user: "mailer", password: "p@ss:word" }).send(message);
    expect(server.logins).toEqual(["\0mailer\0p@ss:word"]);
    expect(server.mails).toHaveLength(1);
  });

  it.each([
    ["no address", undefined],
    ["an empty address", ""],
    ["a list", "a@example.com,b@example.com"],
    ["a group", "all:a@example.com,b@example.com;"],
    ["an address with a name", "A <a@example.com>"],
    ["a line feed", "a@example.com\nRCPT TO:<b@example.com>"],
    ["no at sign", "example.com"],
  ])("refuses %s before it connects", async (_name, email) => {
    const server = await start();
    const bad: OutgoingMessage = { ...message, to: { accountId: "7KAB12", email } };
    await expect(senderTo(server.port).send(bad)).rejects.toMatchObject({ code: "NO_ADDRESS" });
    expect(server.connections()).toBe(0);
  });

  it("keeps dots and line breaks of the text", async () => {
    const server = await start();
    const text = "first\n.\n..second\nRCPT TO:<b@example.com>";
    await senderTo(server.port).send({ ...message, text });
    expect(textOf(server.mails[0]?.data ?? "")).toBe(text);
    expect(server.mails[0]?.to).toEqual([canaries.email]);
  });
});

describe("SMTP sender: failures", () => {
  const echo = `${canaries.otp} ${canaries.text} ${canaries.email} canary-password`;

  it.each([
    ["RCPT", `550 no such mailbox ${echo}`, "REFUSED", "SMTP 550"],
    ["MAIL", `451 later ${echo}`, "REFUSED", "SMTP 451"],
    ["END", `554 spam ${echo}`, "REFUSED", "SMTP 554"],
    ["AUTH", `535 wrong ${echo}`, "CREDENTIALS", "SMTP 535"],
    ["GREETING", `421 full ${echo}`, "UNREACHABLE", "SMTP 421"],
  ])("reports the reply to %s without repeating what the server said (S-96)", async (verb, reply, code, detail) => {
    const server = await start({ replies: { [verb]: reply } });
    const sending = senderTo(server.port, { user: "mailer", password: "canary-password" }).send(message);
    const error: unknown = await sending.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "MessageError", code, detail });
    expect(everythingIn(error)).not.toMatch(/314159|canary|9000000001/);
  });

  it("reports a closed port", async () => {
    const server = await smtpServer();
    await server.close();
    await expect(senderTo(server.port).send(message)).rejects.toMatchObject({
      code: "UNREACHABLE",
      detail: "ECONNREFUSED",
    });
  });

  it("reports a connection that breaks", async () => {
    const server = await start({ onCommand: (verb, socket) => verb === "MAIL" && socket.destroy() });
    await expect(senderTo(server.port).send(message)).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  it("gives a silent server up when the time is over, and when it is told to", async () => {
    for (const whose of ["limit", "caller"] as const) {
      const aborting = new AbortController();
      const server = await start({
        replies: { DATA: undefined },
        onCommand: (verb) => verb === "DATA" && aborting.abort(new Error("shutting down")),
      });
      const timeout = whose === "limit" ? { timeout: () => aborting.signal } : {};
      const sending = senderTo(server.port, timeout).send(message, whose === "caller" ? aborting.signal : undefined);
      if (whose === "limit") await expect(sending).rejects.toMatchObject({ code: "TIMEOUT" });
      else await expect(sending).rejects.toThrow("shutting down");
    }
  });

  it("sends nothing when it was aborted before", async () => {
    const server = await start();
    await expect(senderTo(server.port).send(message, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
    expect(server.connections()).toBe(0);
  });
});

describe("SMTP sender: TLS", () => {
  it.each([
    ["has no STARTTLS", {}, { isLoopback: false }],
    ["has STARTTLS and a certificate nobody trusts", { startTls: true }, { isLoopback: false }],
    ["has TLS and a certificate nobody trusts", { implicitTls: true }, { implicitTls: true, isLoopback: false }],
  ])("gives no code to a server that %s, whatever the environment says", async (_name, server, settings) => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const { port, mails, logins } = await start(server);
    const sending = senderTo(port, { ...settings, user: "mailer", password: "secret" }).send(message);
    await expect(sending).rejects.toMatchObject({ code: "UNTRUSTED" });
    expect(mails).toEqual([]);
    expect(logins).toEqual([]);
  });
});
