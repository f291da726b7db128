/** Answers for connections whose bytes never became a request: Node's parser refused them or they came too late. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { toHttpFault } from "./framework-fault.ts";
import { HttpFault } from "./http-fault.ts";
import { maximumUrlBytes } from "./route-input.ts";
import type { Headers } from "./security-headers.ts";

/** Makes the JSON body of a fault. `url` is the raw request target, absent when the request was not understood. */
export type DescribeFault = (fault: HttpFault, request: { requestId: string; url?: string | undefined }) => object;

/** How answers without a route look. */
export interface BareAnswers {
  readonly describeFault: DescribeFault;
  /** The header set of data answers for this issuer (S-54). */
  readonly jsonHeaders: Headers;
}

/** Writes one complete answer to a connection that has no response object, and closes it. */
export function refuseConnection(error: Error, socket: Duplex, answers: BareAnswers, requestId: string): void {
  // The peer is gone, or an answer is half written: more bytes would only garble it. `_httpMessage` is where Node
  // itself looks (defaultClientErrorHandler in _http_server.js), there is no public name for it.
  if (!socket.writable || codeOf(error) === "ECONNRESET" || headersAreSent(Reflect.get(socket, "_httpMessage"))) {
    socket.destroy();
    return;
  }
  const fault = isLongRequestLine(error) ? new HttpFault("uri-too-long") : toHttpFault(error);
  const body = JSON.stringify(answers.describeFault(fault, { requestId }));
  const headers = { ...jsonAnswerHeaders(answers, body), connection: "close" };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}\r\n${head.join("")}\r\n${body}`, () =>
    socket.destroy(),
  );
}

/** The headers of a JSON answer that is written without a reply object. */
export function jsonAnswerHeaders({ jsonHeaders }: BareAnswers, body: string): Record<string, string | number> {
  return {
    ...jsonHeaders,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  };
}

/** Node calls a long URL a header overflow too; the bytes it stopped at tell the two apart when they begin a request. */
function isLongRequestLine(error: Error): boolean {
  if (codeOf(error) !== "HPE_HEADER_OVERFLOW") return false;
  const packet: unknown = Reflect.get(error, "rawPacket");
  if (!Buffer.isBuffer(packet) || !/^[A-Z]{3,7} \/$/.test(firstBytes(packet))) return false;
  const lineEnd = packet.indexOf("\n");
  return (lineEnd < 0 ? packet.length : lineEnd) > maximumUrlBytes;
}

function firstBytes(packet: Buffer): string {
  return packet.toString("latin1", 0, packet.indexOf("/") + 1);
}

function headersAreSent(response: unknown): boolean {
  return (
    typeof response === "object" && response !== null && "headersSent" in response && response.headersSent === true
  );
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
