/** `@kunji/broker/testing`: a broker for your tests. */
export { SettableClock } from "../clock.ts";
export type { Fault } from "../control/faults.ts";
export type { SeenRequest } from "../control/request-log.ts";
export type { InboxEntry } from "../demo/demo-inbox.ts";
export type { ApprovedBasket, OrderDetails, OrderGateway, Placement } from "../orders/order-gateway.ts";
export { totpCode } from "../totp/totp.ts";
export {
  type TradejiniDemo,
  type TradejiniDemoCustomer,
  type TradejiniDemoIndividualApp,
  type TradejiniDemoUserApp,
  tradejiniMobile,
} from "../tradejini/demo-tradejini.ts";
export type { UpstoxDemo, UpstoxDemoApp, UpstoxDemoCustomer } from "../upstox/demo-upstox.ts";
export { type CustomerAnswers, type CustomerStep, type LoginResult, logInAsCustomer } from "./scripted-customer.ts";
export { type LoginOptions, type StartBrokerOptions, startBroker, type TestBroker } from "./start-broker.ts";
export {
  type TradejiniCodes,
  type TradejiniLoginOptions,
  tradejiniAnswers,
  tradejiniAuthorizationUrl,
} from "./tradejini-login.ts";
export { type UpstoxLoginOptions, upstoxAnswers, upstoxAuthorizationUrl } from "./upstox-login.ts";
