import { connect } from "node:net";

export interface RawResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends exactly these bytes and reads until the server closes the connection, so a request must say
 * `Connection: close` or be one that the server hangs up on.
 */
export function sendRaw(port: number, bytes: string | Buffer): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => received.push(chunk));
    // The server may hang up on a body that it does not want to read; what it said before still counts.
    socket.on("error", (error) => (received.length === 0 ? reject(error) : undefined));
    socket.on("close", () => resolve(parseResponse(Buffer.concat(received).toString("utf8"))));
  });
}

/** A request made of lines, with the test server's Host and `Connection: close` unless the caller gives a Host line. */
export function request(port: number, startLine: string, headers: readonly string[] = [], body = ""): string {
  const host = headers.some((line) => /^host:/i.test(line)) ? [] : [`Host: 127.0.0.1:${port}`];
  return [startLine, ...host, "Connection: close", ...headers, "", body].join("\r\n");
}

function parseResponse(text: string): RawResponse {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}
