import { afterEach, describe, expect, it } from "vitest";
import type { OutgoingMessage } from "../../src/messages/message-sender.ts";
import { openMessageSender } from "../../src/messages/open-message-sender.ts";
import { canaries, everythingIn, message } from "./_message.ts";
import { type SmtpServer, smtpServer } from "./_smtp-server.ts";

const servers: SmtpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Sent {
  url: string;
  headers: Record<string, string>;
}

/** Opens a gateway sender whose `fetch` only notes what it was asked. */
async function sentTo(setting: string): Promise<Sent> {
  const sent: Sent[] = [];
  const sender = openMessageSender(setting, {
    fetch: async (url, init) => {
      sent.push({ url: String(url), headers: Object.fromEntries(new Headers(init?.headers)) });
      return new Response(null, { status: 200 });
    },
  });
  expect(sender.kind).toBe("gateway");
  await sender.send(message);
  const [only] = sent;
  if (only === undefined || sent.length > 1) throw new Error(`${sent.length} requests`);
  return only;
}

describe("message sender from a setting: inbox:", () => {
  it("keeps messages where it is told", async () => {
    const kept: OutgoingMessage[] = [];
    const sender = openMessageSender("inbox:", { keepInInbox: async (kind) => void kept.push(kind) });
    await sender.send(message);
    expect(sender.kind).toBe("inbox");
    expect(kept).toEqual([message]);
  });

  it("is refused when there is no inbox", () => {
    expect(() => openMessageSender("inbox:", {})).toThrow(/demo mode/);
  });
});

describe("message sender from a setting: smtp:", () => {
  it("sends through a server on this machine, with user and password decoded", async () => {
    const server = await smtpServer();
    servers.push(server);
    const from = encodeURIComponent("Kunji <no-reply@example.com>");
    const sender = openMessageSender(
      `smtp://mailer%40example.com:p%40ss%2Fw%25@127.0.0.1:${server.port}?from=${from}`,
      {},
    );
    expect(sender.kind).toBe("smtp");
    await sender.send(message);
    expect(server.logins).toEqual(["\0mailer@example.com\0p@ss/w%"]);
    expect(server.mails).toMatchObject([{ from: "no-reply@example.com", to: [canaries.email] }]);
  });

  it.each([
    "smtp://mail.example.com?from=a@example.com",
    "smtps://user:word@mail.example.com/?from=a@example.com",
    "smtp://[::1]:2525?from=Kunji%20<a@example.com>",
  ])("takes %s", (setting) => {
    expect(openMessageSender(setting, {}).kind).toBe("smtp");
  });

  it.each([
    ["no sender", "smtp://user:canary@mail.example.com"],
    ["an empty sender", "smtp://user:canary@mail.example.com?from="],
    ["two senders", "smtp://user:canary@mail.example.com?from=a@example.com&from=b@example.com"],
    ["a list as sender", "smtp://user:canary@mail.example.com?from=a@example.com,b@example.com"],
    ["a line feed in the sender", "smtp://user:canary@mail.example.com?from=a%0A@example.com"],
    ["an unknown option", "smtp://user:canary@mail.example.com?from=a@example.com&tls=none"],
    ["a path", "smtp://user:canary@mail.example.com/canary?from=a@example.com"],
    ["a password with a raw #", "smtp://user:can#ary@mail.example.com?from=a@example.com"],
    ["a password without user", "smtp://:canary@mail.example.com?from=a@example.com"],
    ["broken percent-encoding", "smtp://user:canary%zz@mail.example.com?from=a@example.com"],
    ["no host", "smtp:canary?from=a@example.com"],
  ])("refuses %s, without repeating the setting (S-96)", (_name, setting) => {
    const error = thrownBy(setting);
    expect(error).toBeInstanceOf(TypeError);
    expect(everythingIn(error).replace(/\n\s+at .*/g, "")).not.toMatch(/can#?ary/);
  });
});

describe("message sender from a setting: https:", () => {
  it("sends the URL's token as bearer, and the URL without it", async () => {
    const expected = { url: "https://gateway.example/send?a=1", headers: { authorization: "Bearer t0k/en" } };
    expect(await sentTo("https://t0k%2Fen@gateway.example/send?a=1")).toMatchObject(expected);
    expect(await sentTo("https://:t0k%2Fen@gateway.example/send?a=1")).toMatchObject(expected);
  });

  it("sends the token in the header named after #", async () => {
    const sent = await sentTo("https://t0ken@gateway.example/send#header=X-Api-Key");
    expect(sent).toMatchObject({ url: "https://gateway.example/send", headers: { "x-api-key": "t0ken" } });
    expect(sent.headers).not.toHaveProperty("authorization");
  });

  it("sends no credential when there is none", async () => {
    expect((await sentTo("https://gateway.example/send")).headers).toEqual({ "content-type": "application/json" });
  });

  it("takes http: on this machine only", async () => {
    expect((await sentTo("http://localhost:9000/send")).url).toBe("http://localhost:9000/send");
    expect(() => openMessageSender("http://gateway.example/send", {})).toThrow(/https/);
  });

  it.each([
    ["user and password", "https://user:canary@gateway.example/"],
    ["a line feed in the token", "https://canary%0A@gateway.example/"],
    ["an unknown option after #", "https://canary@gateway.example/#canary"],
    ["a header without token", "https://gateway.example/#header=X-Canary"],
    ["a header name with a space", "https://canary@gateway.example/#header=X%20Canary"],
    ["broken percent-encoding", "https://canary%zz@gateway.example/"],
    ["plain http with a token", "http://canary@gateway.example/"],
  ])("refuses %s, without repeating the setting (S-96)", (_name, setting) => {
    const error = thrownBy(setting);
    expect(error).toBeInstanceOf(TypeError);
    expect(everythingIn(error)).not.toMatch(/canary/i);
  });
});

describe("message sender from a setting: anything else", () => {
  it.each(["", "canary", "INBOX", "inbox:canary", "//canary", "ftp://user:canary@host/", "smtp//canary", "https://"])(
    "refuses %j, without repeating it",
    (setting) => {
      const error = thrownBy(setting);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/^TypeError: Message sender: /);
      expect(everythingIn(error)).not.toContain("canary");
    },
  );
});

function thrownBy(setting: string): unknown {
  try {
    openMessageSender(setting, { keepInInbox: async () => {} });
  } catch (error) {
    return error;
  }
  return undefined;
}
