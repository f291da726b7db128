import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { httpTarget } from "./_targets.ts";

/** A delivery as an app's notifier URL receives it. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Notifier extends AsyncDisposable {
  readonly url: string;
  /** Deliveries so far, oldest first. */
  readonly received: Received[];
  /** Status of the next answers; "hang" never answers. 200 when the list is used up. */
  readonly answers: (number | "hang")[];
  /** Cuts the connections that hang. */
  readonly hangUp: () => void;
  readonly close: () => Promise<void>;
}

/** An app's webhook on loopback. */
export async function startNotifier(...answers: (number | "hang")[]): Promise<Notifier> {
  const received: Received[] = [];
  const hanging: ServerResponse[] = [];
  const target = await httpTarget((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({ method: request.method, path: request.url, headers: request.headers, body });
      const answer = answers.shift() ?? 200;
      if (answer === "hang") hanging.push(response);
      else response.writeHead(answer, { location: "/elsewhere" }).end("ok");
    });
  });
  return {
    url: `http://127.0.0.1:${target.port}/hooks/upstox-token`,
    received,
    answers,
    hangUp() {
      for (const response of hanging.splice(0)) response.destroy();
    },
    close: target.close,
    [Symbol.asyncDispose]: target.close,
  };
}
