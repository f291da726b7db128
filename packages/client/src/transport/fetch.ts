import {
  abortError,
  networkError,
  type Transport,
  TransportError,
  timeoutError,
  tooLargeError,
  type WireRequest,
  type WireResponse,
} from "./transport.ts";

/** What the client asks of a `fetch`: any standard one fits, and a test double is a few lines. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  redirect: "manual";
  signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly type?: string;
  readonly headers: { forEach(each: (value: string, name: string) => void): void };
  readonly body: { getReader(): FetchReader } | null;
}

export interface FetchReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Sends with `fetchLike`, by default the platform's own `fetch`. */
export function fetchTransport(fetchLike: FetchLike = platformFetch): Transport {
  return {
    async send(request) {
      const { signal, timeout } = request;
      if (signal?.aborted) throw abortError(signal);
      const controller = new AbortController();
      const onAbort = (): void => controller.abort(signal?.reason);
      signal?.addEventListener("abort", onAbort);
      let timedOut = false;
      const onTimeout = (): void => {
        timedOut = true;
        controller.abort();
      };
      const timer = timeout > 0 ? setTimeout(onTimeout, timeout) : undefined;
      try {
        return await exchange(fetchLike, request, controller.signal);
      } catch (error) {
        if (signal?.aborted) throw abortError(signal);
        throw timedOut ? timeoutError(timeout) : networkError(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      }
    },
  };
}

async function exchange(fetchLike: FetchLike, request: WireRequest, signal: AbortSignal): Promise<WireResponse> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < request.headers.length; i += 2) {
    headers[request.headers[i] as string] = request.headers[i + 1] as string;
  }
  const response = await fetchLike(request.origin.href + request.path, {
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
    redirect: "manual",
    signal,
  });
  // A browser says only that there was a redirect, neither its status nor its Location.
  if (response.type === "opaqueredirect") {
    throw new TransportError("network", "REDIRECT_HIDDEN", "this platform does not show where a redirect leads");
  }
  const received: string[] = [];
  response.headers.forEach((value, name) => {
    received.push(name, value);
  });
  return {
    status: response.status,
    statusText: response.statusText,
    headers: received,
    text: await readText(response, request.maxResponseBytes),
  };
}

async function readText(response: FetchResponse, limit: number): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    if (value === undefined) continue;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw tooLargeError(limit);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Looked up at each call, so that a `fetch` put in place later (a polyfill, a test) is the one used. */
const platformFetch: FetchLike = (url, init) => globalThis.fetch(url, init);
