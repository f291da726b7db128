import { neverConnected } from "../http/connect-faults.ts";
import type { GatewayAddress } from "../http/gateway-address.ts";
import type { ApprovedBasket, OrderGateway, Placement } from "./order-gateway.ts";

const TIMEOUT_MILLISECONDS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface HttpOrderGatewaySettings extends GatewayAddress {
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Ends the call. Default: a signal that aborts after 10 s. */
  readonly timeout?: (() => AbortSignal) | undefined;
}

/**
 * Posts each approved basket as JSON, once: `{"basketKey","dialect","userId","clientId","orders":[...]}`, the basket's
 * key also as `Idempotency-Key`. 2xx says that every order was taken, and may name them: `{"orderIds":[...]}`; 4xx says
 * that none was. Everything else - another status, a redirect, silence, a broken connection - leaves it open.
 */
export function httpOrderGateway(settings: HttpOrderGatewaySettings): OrderGateway {
  const { url, credential, fetch = globalThis.fetch } = settings;
  const timeout = settings.timeout ?? (() => AbortSignal.timeout(TIMEOUT_MILLISECONDS));
  return {
    async place(basket) {
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json",
            "idempotency-key": basket.basketKey,
            ...(credential && { [credential[0]]: credential[1] }),
          },
          body: JSON.stringify(bodyOf(basket)),
          signal: timeout(),
          redirect: "manual",
        });
        return await readPlacement(response, basket);
      } catch (error) {
        return neverConnected(error) ? { outcome: "refused" } : { outcome: "unknown" };
      }
    },
  };
}

/** Field by field: what is added to baskets later does not leave the house by accident. */
function bodyOf({ basketKey, dialect, userId, clientId, orders }: ApprovedBasket) {
  return { basketKey, dialect, userId, clientId, orders };
}

async function readPlacement(response: Response, basket: ApprovedBasket): Promise<Placement> {
  if (response.status >= 200 && response.status < 300) {
    return { outcome: "placed", orderIds: namedOrders(await readStart(response), basket) };
  }
  response.body?.cancel().catch(() => {});
  return { outcome: response.status >= 400 && response.status < 500 ? "refused" : "unknown" };
}

/** The gateway's names for the orders, or ours when it gives none that fit. */
function namedOrders(text: string, { basketKey, orders }: ApprovedBasket): string[] {
  const ours = orders.map((_, line) => `${basketKey}-${line + 1}`);
  try {
    const { orderIds } = JSON.parse(text) as { orderIds?: unknown };
    if (!Array.isArray(orderIds) || orderIds.length !== orders.length) return ours;
    return orderIds.every(isOrderId) ? orderIds : ours;
  } catch {
    return ours;
  }
}

function isOrderId(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,64}$/.test(value);
}

/** The answer's text, up to a limit. The orders are taken by then, so an answer that breaks off changes nothing. */
async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) break;
    }
  } catch {
    return "";
  }
  return Buffer.concat(chunks).toString("utf8");
}
