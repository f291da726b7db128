export * from "./basket-problems.ts";
export * from "./errors.ts";
export * from "./order-basket.ts";
export * from "./routes.ts";
export * from "./schemas/account.ts";
export * from "./schemas/authorization.ts";
export {
  type TradejiniEnvelope,
  type TradejiniNoDataResponse,
  type TradejiniStatus,
  tradejiniErrorSchema,
  tradejiniNoDataSchema,
  tradejiniStatuses,
} from "./schemas/envelope.ts";
export * from "./schemas/orders.ts";
export * from "./token-life.ts";
