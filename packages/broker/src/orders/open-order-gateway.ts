import type { Clock } from "../clock.ts";
import type { Randomness } from "../crypto/random.ts";
import { readGatewayAddress } from "../http/gateway-address.ts";
import { httpOrderGateway } from "./http-order-gateway.ts";
import type { OrderGateway } from "./order-gateway.ts";
import { ownBook } from "./own-book.ts";

/** What the gateways need from outside. */
export interface OrderGatewayDeps {
  readonly clock: Clock;
  readonly random: Randomness;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const WHAT = "Order gateway";

/**
 * Opens the gateway that the setting names: an URL as `readGatewayAddress()` takes it, or the broker's own book when
 * there is none.
 * @throws TypeError with a sentence for the operator
 */
export function openOrderGateway(setting: string, deps: OrderGatewayDeps): OrderGateway {
  if (setting === "") return ownBook(deps);
  if (!URL.canParse(setting)) throw new TypeError(`${WHAT}: not a URL. Use https://.`);
  return httpOrderGateway({ ...readGatewayAddress(new URL(setting), WHAT), fetch: deps.fetch });
}
