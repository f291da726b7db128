/** `@kunji/broker`: runs the authorization server. Tests want `@kunji/broker/testing`. */
export { loadOrCreateKeyFile, readMasterKey } from "./crypto/broker-keys.ts";
export { systemRandomness } from "./crypto/random.ts";
export { DEMO_DEFAULTS, type DemoData, type DemoOptions } from "./demo/demo.ts";
export { type RunningBroker, type ServerOptions, startServer } from "./server.ts";
export { readSettings, type Settings, SettingsError, settingsTable } from "./settings.ts";
export { requireSupportedDatabase, sqlitePath } from "./store/open-database.ts";
