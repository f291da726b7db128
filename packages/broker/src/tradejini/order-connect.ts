import { readBasket, tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { newRowKey } from "../crypto/row-key.ts";
import type { FormFields } from "../http/form-fields.ts";
import { maximumUrlBytes } from "../http/route-input.ts";
import { MAX_STATE_BYTES, startLogin } from "../login/start-login.ts";
import { saveBasket } from "../store/baskets.ts";
import { loginDialect, refuseDialog, requireApp, requireParameters } from "./authorize.ts";
import { TradejiniError } from "./error-body.ts";
import { keyZoneKey, type Zones } from "./zones.ts";

/**
 * `GET /v2/api-gw/oauth/order-connect`: as authorize, with orders to place. The whole basket is checked before anybody
 * logs in; then it is stored, and only its row key goes on (S-59). @see protocol/tradejini.md 6
 */
export function registerOrderConnect(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const config = { fieldLimits: { maximumBytes: { state: MAX_STATE_BYTES, params: maximumUrlBytes } } };
  app.get(tradejiniRoutes.orderAuthorize.path, { config }, async (request, reply) => {
    try {
      const query = request.query as FormFields;
      zones.apiKey(keyZoneKey(query.client_id, context.sourceOf(request)));
      requireParameters(query);
      const { orders } = readBasket(query.params ?? "");
      if (!orders) throw new TradejiniError("VALIDATION");
      const loginRequest = await requireApp(context, query, "order_connect");
      const now = context.clock.now();
      const basketKey = newRowKey(now, context.random);
      const basket = {
        basket_key: basketKey,
        client_id: loginRequest.clientId,
        orders: JSON.stringify(orders),
        created_at: now,
      };
      return await startLogin(context, loginDialect, { ...loginRequest, basketKey }, request, reply, () =>
        saveBasket(basket),
      );
    } catch (error) {
      return refuseDialog(context, error, request, reply);
    }
  });
}
