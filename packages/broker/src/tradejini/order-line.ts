import type { OrderDetails } from "../orders/order-gateway.ts";
import type { OrderLineView } from "../pages/index.ts";

/** Fields that the words of a line say; every other one is listed beside its name, so that nothing stays unseen. */
const told = new Set([
  "side",
  "qty",
  "symbol",
  "exch",
  "expiry",
  "strike",
  "optType",
  "type",
  "limitPrice",
  "product",
  "validity",
]);

const names: Readonly<Record<string, string>> = {
  series: "Series",
  inst: "Instrument",
  discQty: "Disclosed quantity",
  mktProt: "Market protection, %",
};

/** An order of a basket in words: all of it, since the person answers for it (S-59). */
export function orderLine(order: OrderDetails): OrderLineView {
  const text = (name: string) => String(order[name] ?? "");
  const contract = [text("symbol"), text("expiry"), text("strike"), text("optType")].filter((part) => part !== "");
  return {
    side: order.side === "sell" ? "sell" : "buy",
    quantity: text("qty"),
    instrument: contract,
    exchange: text("exch"),
    price: order.type === "market" ? "at market price" : `limit ₹ ${text("limitPrice")}`,
    product: text("product"),
    validity: text("validity"),
    others: Object.entries(order)
      .filter(([name]) => !told.has(name))
      .map(([name, value]) => ({ name: names[name] ?? name, value: String(value) })),
  };
}
