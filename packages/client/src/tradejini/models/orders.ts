/**
 * Models of the orders that order connect placed. The generated SDK's `OrderRecord` has other fields beside these.
 */
import { Model } from "../../model.ts";
import { withList } from "./list-in-envelope.ts";

/** An order that order connect placed: as it was given, and what became of it. */
export class OrderRecord extends Model {
  declare orderId: string;
  /** `open`, `completed`, `rejected`, `cancelled`. */
  declare status: string;
  /** IST, `dd-MM-yyyy HH:mm:ss`. */
  declare orderTime: string;
  declare exch: string;
  declare symbol: string;
  declare series?: string;
  declare inst: string;
  /** `YYYY-MM-DD`. */
  declare expiry?: string;
  declare optType?: string;
  declare strike?: string;
  declare qty: number;
  declare fillQty: number;
  declare pendingQty: number;
  declare side: string;
  declare type: string;
  declare product: string;
  declare limitPrice: number;
  declare validity: string;
  declare discQty?: number;
  declare mktProt?: number;
}

export class GetOrders200Response extends Model {
  static override readonly nested = { d: { listOf: OrderRecord } };

  /** `ok`, or `no-data` when there are none. */
  declare s: string;
  /** Newest first; empty when there are none. */
  declare d: OrderRecord[];
  declare msg?: string;

  protected override unfold(data: object): object {
    return withList(data);
  }
}
