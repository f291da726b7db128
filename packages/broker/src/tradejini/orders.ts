import { istDateTime, startOfIstDay } from "@kunji/contract";
import { type TradejiniOrderRecord, tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { rowKeyFloor } from "../crypto/row-key.ts";
import { listOrders, type StoredOrder } from "../store/orders.ts";
import { createSessionCheck } from "./session.ts";
import type { Zones } from "./zones.ts";

/** `GET /v2/api/oms/orders`: the person's orders of this IST day, newest first. */
export function registerOrders(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const requireSession = createSessionCheck(context, zones.general);
  app.get(tradejiniRoutes.getOrders.path, async (request, reply) => {
    const token = await requireSession(request);
    const since = rowKeyFloor(startOfIstDay(context.clock.now() / 1000) * 1000);
    const orders = await context.db.read(() => listOrders(token.account_id, since));
    reply.headers(context.jsonHeaders);
    if (orders.length === 0) return reply.send({ s: "no-data", msg: "no-data" });
    return reply.send({ s: "ok", d: orders.map(orderRecord) });
  });
}

/** The order as it was given, and what became of it. Nothing here is ever filled: that is the exchange's to say. */
function orderRecord(order: StoredOrder): TradejiniOrderRecord {
  const details = JSON.parse(order.details) as Omit<TradejiniOrderRecord, "orderId" | "status" | "orderTime">;
  return {
    ...details,
    orderId: order.order_id,
    status: order.status,
    orderTime: orderTime(order.placed_at),
    fillQty: 0,
    pendingQty: details.qty,
  };
}

/** `dd-MM-yyyy HH:mm:ss`, IST. */
function orderTime(placedAt: number): string {
  const [date = "", time = ""] = istDateTime(placedAt / 1000).split(" ");
  return `${date.split("-").reverse().join("-")} ${time}`;
}
