/**
 * Whether a basket may travel: every rule of order-connect in one place, for the client before it sends and for the
 * broker before anybody logs in. What is refused as well as what is accepted beyond the examples is inferred from
 * "each element must look like one of the examples". Source: protocol/tradejini.md 6.
 */
import type { Schema } from "../route.ts";
import {
  MAX_BASKET_ORDERS,
  type TradejiniOrderBasket,
  tradejiniEquityLimitOrderSchema,
  tradejiniFuturesLimitOrderSchema,
  tradejiniOptionsMarketOrderSchema,
} from "./order-basket.ts";

/** One thing wrong with a basket. Says the field and the rule, never the value. */
export interface BasketProblem {
  /** Position of the order, from 0; undefined when the basket as a whole is wrong. */
  readonly index: number | undefined;
  /** Name of the field; undefined when the order as a whole is wrong. At most 40 characters of an unknown one. */
  readonly field: string | undefined;
  readonly problem: string;
}

export type ReadBasket =
  | { readonly orders: TradejiniOrderBasket; readonly problems?: never }
  | { readonly orders?: never; readonly problems: readonly BasketProblem[] };

/** An order as it came: nothing is known of it but that it is an object. */
type Fields = Readonly<Record<string, unknown>>;

interface Shape {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

/** Of each shape the schema with the most fields; prices have rules of their own below. */
const equityShape: Shape = tradejiniEquityLimitOrderSchema;
const futuresShape: Shape = tradejiniFuturesLimitOrderSchema;
const optionsShape: Shape = tradejiniOptionsMarketOrderSchema;
const shapes = [equityShape, futuresShape, optionsShape];

/** Far more than any exchange takes in one order, and small enough to be multiplied. */
const MAX_QTY = 1_000_000_000;
const MAX_PRICE = 1_000_000_000;

/**
 * Reads `params` as it travels. Beyond `basketProblems` it refuses text that is no JSON, and names given twice: of
 * those JSON.parse would keep the last and another reader the first.
 */
export function readBasket(text: string): ReadBasket {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: [{ index: undefined, field: undefined, problem: "is not JSON" }] };
  }
  const problems = basketProblems(value);
  if (problems.length > 0) return { problems };
  const orders = value as TradejiniOrderBasket;
  // A sound basket is a list of flat objects: outside of strings it has one colon for each of its fields.
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
  if (colons !== orders.reduce((sum, order) => sum + Object.keys(order).length, 0)) {
    return { problems: [{ index: undefined, field: undefined, problem: "names a field twice" }] };
  }
  return { orders };
}

/**
 * Everything wrong with a basket; nothing when it is sound, and then it is a `TradejiniOrderBasket`.
 * @param value anything at all
 */
export function basketProblems(value: unknown): BasketProblem[] {
  const whole = (problem: string): BasketProblem[] => [{ index: undefined, field: undefined, problem }];
  if (!Array.isArray(value)) return whole("must be an array of orders");
  if (value.length === 0) return whole("holds no order");
  if (value.length > MAX_BASKET_ORDERS) return whole(`holds more than ${MAX_BASKET_ORDERS} orders`);
  return Array.from(value as unknown[], orderProblems).flat();
}

function orderProblems(order: unknown, index: number): BasketProblem[] {
  if (typeof order !== "object" || order === null || Array.isArray(order)) {
    return [{ index, field: undefined, problem: "must be an object" }];
  }
  const fields = order as Fields;
  const shape = shapeOf(fields);
  if (shape === undefined) return [{ index, field: "inst", problem: oneOf(shapes.flatMap(instrumentsOf)) }];

  const problems: BasketProblem[] = [];
  for (const field of Object.keys(fields)) {
    // Also `__proto__` and its like, which JSON.parse makes own properties (S-103).
    if (Object.hasOwn(shape.properties, field)) continue;
    problems.push({ index, field: field.slice(0, 40), problem: `is not a field of ${nameOf(shape)}` });
  }
  for (const [field, schema] of Object.entries(shape.properties)) {
    const problem = Object.hasOwn(fields, field)
      ? fieldProblem(field, fields, schema)
      : shape.required.includes(field) && "is missing";
    if (problem) problems.push({ index, field, problem });
  }
  return problems;
}

function shapeOf(fields: Fields): Shape | undefined {
  const inst = own(fields, "inst");
  return shapes.find((shape) => instrumentsOf(shape).some((each) => each === inst));
}

function instrumentsOf(shape: Shape): readonly unknown[] {
  const { const: only, enum: several } = shape.properties.inst as Schema;
  return several ?? [only];
}

function nameOf(shape: Shape): string {
  return shape === equityShape ? "an equity order" : shape === futuresShape ? "a futures order" : "an options order";
}

/** What a field's own rule says, else what its schema says. */
function fieldProblem(field: string, fields: Fields, schema: Schema): string | undefined {
  const value = fields[field];
  switch (field) {
    case "qty":
      return wholeUnits(value, MAX_QTY);
    case "discQty":
      return (
        wholeUnits(value, MAX_QTY) ?? (Number(value) > Number(own(fields, "qty")) ? "is more than qty" : undefined)
      );
    case "type":
      return value === "stoplimit" || value === "stopmarket"
        ? "stop orders are not possible here: they need trigPrice"
        : mustBe(value, ["limit", "market"]);
    case "limitPrice":
      return limitPriceProblem(value, fields);
    case "mktProt":
      if (own(fields, "type") !== "market") return "is for market orders only";
      return positive(value, 100) ?? decimals(value as number, 2);
    case "validity":
      if (value === "eos" && !/^B/.test(String(own(fields, "exch")))) return "eos is for the BSE only";
      return mustBe(value, schema.enum ?? []);
    case "expiry":
      return typeof value === "string" && isCalendarDate(value) ? undefined : "must be a date, YYYY-MM-DD";
    case "strike":
      if (typeof value !== "string") return "must be text";
      return matches(value, schema) && Number(value) > 0 ? undefined : "must be a decimal number above 0 as text";
    default:
      return schemaProblem(value, schema);
  }
}

function limitPriceProblem(value: unknown, fields: Fields): string | undefined {
  if (own(fields, "type") === "market") return value === 0 ? undefined : "must be 0 for a market order";
  // Currency moves in quarters of a hundredth of a rupee, everything else in hundredths.
  const exch = own(fields, "exch");
  return positive(value, MAX_PRICE) ?? decimals(value as number, exch === "CDS" || exch === "BCD" ? 4 : 2);
}

function schemaProblem(value: unknown, schema: Schema): string | undefined {
  if (schema.const !== undefined) return mustBe(value, [schema.const]);
  if (schema.enum !== undefined) return mustBe(value, schema.enum);
  if (typeof value !== "string") return "must be text";
  return matches(value, schema) ? undefined : "is not written as it must be: upper case, without spaces or suffix";
}

/** A property of the order itself, never of its prototype. */
function own(fields: Fields, field: string): unknown {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function mustBe(value: unknown, allowed: readonly unknown[]): string | undefined {
  return allowed.includes(value) ? undefined : oneOf(allowed);
}

function oneOf(allowed: readonly unknown[]): string {
  return `must be ${allowed.length === 1 ? "" : "one of "}${allowed.join(", ")}`;
}

function matches(value: string, schema: Schema): boolean {
  return schema.pattern === undefined || new RegExp(schema.pattern).test(value);
}

function wholeUnits(value: unknown, most: number): string | undefined {
  if (typeof value !== "number") return "must be a number";
  return Number.isInteger(value) && value >= 1 && value <= most ? undefined : "must be whole units, 1 or more";
}

function positive(value: unknown, most: number): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (value <= 0) return "must be above 0";
  return value <= most ? undefined : `must be at most ${most}`;
}

function decimals(value: number, most: number): string | undefined {
  return Number(value.toFixed(most)) === value ? undefined : `has more than ${most} decimals`;
}

/** Real days only: 2022-02-30 is none. */
function isCalendarDate(value: string): boolean {
  if (!/^20\d\d-\d\d-\d\d$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
