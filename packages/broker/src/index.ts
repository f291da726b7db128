/** `@kunji/broker`: runs the authorization server. Tests want `@kunji/broker/testing`. */
export { loadOrCreateKeyFile, readMasterKey } from "./crypto/broker-keys.ts";
export { systemRandomness } from "./crypto/random.ts";
export { DEMO_DEFAULTS, type DemoData, type DemoOptions } from "./demo/demo.ts";
export { isLoopbackHost } from "./http/loopback-host.ts";
export { checkRedirectUri, type RedirectUriProblem } from "./http/redirect-uri-rules.ts";
export { createLog } from "./log.ts";
export type { ApprovedBasket, OrderDetails, OrderGateway, Placement } from "./orders/order-gateway.ts";
export { type RunningBroker, type ServerOptions, startServer } from "./server.ts";
export { readSettings, type Settings, SettingsError, settingsTable } from "./settings.ts";
export { requireSupportedDatabase, sqlitePath } from "./store/open-database.ts";
