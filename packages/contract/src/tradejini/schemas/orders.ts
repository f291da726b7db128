/**
 * The orders an order-connect basket became. The address is the vendor's order book; the body is Kunji's own choice:
 * each order as it was given, and the fields of the generated SDK's `OrderRecord` that say what became of it.
 */
import type { Schema } from "../../route.ts";
import { inEnvelope, type TradejiniEnvelope, type TradejiniNoDataResponse, tradejiniNoDataSchema } from "./envelope.ts";

const text = { type: "string" } as const satisfies Schema;
const number = { type: "number" } as const satisfies Schema;

export const tradejiniOrderRecordSchema = {
  type: "object",
  title: "OrderRecord",
  properties: {
    orderId: text,
    status: { type: "string", examples: ["open", "completed", "rejected", "cancelled"] },
    orderTime: { type: "string", description: "IST, dd-MM-yyyy HH:mm:ss", examples: ["24-11-2026 09:15:02"] },
    exch: text,
    symbol: text,
    series: text,
    inst: text,
    expiry: text,
    optType: text,
    strike: text,
    qty: number,
    fillQty: number,
    pendingQty: number,
    side: text,
    type: text,
    product: text,
    limitPrice: number,
    validity: text,
    discQty: number,
    mktProt: number,
  },
  required: [
    "orderId",
    "status",
    "orderTime",
    "exch",
    "symbol",
    "inst",
    "qty",
    "fillQty",
    "pendingQty",
    "side",
    "type",
    "product",
    "limitPrice",
    "validity",
  ],
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniOrderRecord {
  orderId: string;
  status: string;
  /** IST, `dd-MM-yyyy HH:mm:ss`. */
  orderTime: string;
  exch: string;
  symbol: string;
  series?: string;
  inst: string;
  expiry?: string;
  optType?: string;
  strike?: string;
  qty: number;
  fillQty: number;
  pendingQty: number;
  side: string;
  type: string;
  product: string;
  limitPrice: number;
  validity: string;
  discQty?: number;
  mktProt?: number;
}

/** Without orders the answer is `no-data`. */
export const tradejiniOrdersResponseSchema = {
  oneOf: [inEnvelope("OrdersResponse", { type: "array", items: tradejiniOrderRecordSchema }), tradejiniNoDataSchema],
} as const satisfies Schema;

export type TradejiniOrdersResponse = TradejiniEnvelope<TradejiniOrderRecord[]> | TradejiniNoDataResponse;
