import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";
import tls from "node:tls";
import { testCertificate, testPrivateKey } from "../webhooks/_tls-pair.ts";

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers and body as sent, lines joined by `\n`. */
  data: string;
}

export interface SmtpServer {
  port: number;
  mails: ReceivedMail[];
  /** Decoded `AUTH PLAIN` arguments: `\0user\0password`. */
  logins: string[];
  connections(): number;
  close(): Promise<void>;
}

export interface SmtpServerOptions {
  /** Replaces the reply to a command, e.g. `{ RCPT: "550 no" }`; `undefined` as value: no reply at all. */
  replies?: Record<string, string | undefined>;
  /** Called when a command arrives, before the reply. */
  onCommand?: (verb: string, socket: Socket) => void;
  implicitTls?: boolean;
  /** Offers STARTTLS with the self-signed test certificate. */
  startTls?: boolean;
}

/** As much of RFC 5321 as one mail takes: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA, QUIT. */
export async function smtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const converse = (socket: Socket, greet: boolean) => {
    let mail: ReceivedMail = { from: "", to: [], data: "" };
    let body: string[] | undefined;
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
    const say = (verb: string, usual: string) => {
      const reply = options.replies && verb in options.replies ? options.replies[verb] : usual;
      if (reply !== undefined) socket.write(`${reply}\r\n`);
    };
    lines.on("line", (line) => {
      if (body !== undefined) {
        if (line !== ".") return void body.push(line.replace(/^\./, ""));
        mails.push({ ...mail, data: body.join("\n") });
        body = undefined;
        return say("END", "250 kept");
      }
      const verb = line.split(" ")[0]?.toUpperCase() ?? "";
      options.onCommand?.(verb, socket);
      switch (verb) {
        case "EHLO":
          return say(verb, `250-test\r\n${options.startTls ? "250-STARTTLS\r\n" : ""}250 AUTH PLAIN`);
        case "STARTTLS":
          say(verb, "220 go");
          lines.close();
          return converse(secured(socket), false);
        case "AUTH":
          logins.push(Buffer.from(line.split(" ")[2] ?? "", "base64").toString());
          return say(verb, "235 welcome");
        case "MAIL":
          mail = { from: /<(.*?)>/.exec(line)?.[1] ?? "", to: [], data: "" };
          return say(verb, "250 ok");
        case "RCPT":
          mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? "");
          return say(verb, "250 ok");
        case "DATA":
          body = [];
          return say(verb, "354 go on");
        case "QUIT":
          say(verb, "221 bye");
          return void socket.end();
        default:
          return say(verb, "502 unknown");
      }
    });
    if (greet) say("GREETING", "220 test");
  };

  const secured = (socket: Socket): Socket => {
    const secureContext = tls.createSecureContext({ cert: testCertificate, key: testPrivateKey });
    const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
    secure.on("error", () => {});
    return secure;
  };

  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    converse(options.implicitTls ? secured(socket) : socket, true);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    logins,
    connections: () => connections,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
