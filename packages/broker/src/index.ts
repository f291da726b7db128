/** `@kunji/broker`: runs the authorization server. Tests want `@kunji/broker/testing`. */

export type { AccountView } from "./admin/account-view.ts";
export {
  checkPerson,
  createAccount,
  disableAccount,
  enableAccount,
  listAccounts,
  type NewAccountRequest,
  resetTotp,
  secretName,
  setAccountMobile,
  setAccountSecret,
  showAccount,
  unlockAccount,
} from "./admin/accounts.ts";
export { AdminError, type AdminErrorCode } from "./admin/admin-error.ts";
export { readAuditLines } from "./admin/audit-line.ts";
export {
  type AuditReport,
  auditHead,
  exportAuditTrail,
  renewHead,
  verifyAuditExport,
  verifyAuditTrail,
} from "./admin/audit-trail.ts";
export { backUp, beginNewEpoch, type RestoreReport, restore } from "./admin/backup.ts";
export type { ClientView } from "./admin/client-view.ts";
export {
  type ClientSettings,
  changeClient,
  createClient,
  listClients,
  type NewClientRequest,
  rotateClientSecret,
  showClient,
  switchClient,
} from "./admin/clients.ts";
export { type Admin, type AdminOptions, openAdmin, requireDatabase } from "./admin/open-admin.ts";
export { loadOrCreateKeyFile, readMasterKey } from "./crypto/broker-keys.ts";
export { systemRandomness } from "./crypto/random.ts";
export { DEMO_DEFAULTS, type DemoData, type DemoOptions, demoData } from "./demo/demo.ts";
export { isLoopbackHost } from "./http/loopback-host.ts";
export { checkRedirectUri, type RedirectUriProblem } from "./http/redirect-uri-rules.ts";
export { createLog } from "./log.ts";
export { type MetricData, sumMetrics } from "./metrics/sum-metrics.ts";
export { createWorkerMetrics, type WorkerEnd, type WorkerMetrics } from "./metrics/worker-metrics.ts";
export type { ApprovedBasket, OrderDetails, OrderGateway, Placement } from "./orders/order-gateway.ts";
export { type RunningBroker, type ServerOptions, startServer } from "./server.ts";
export { readSettings, type Settings, SettingsError, settingsTable } from "./settings.ts";
export { requireSupportedDatabase, sqlitePath } from "./store/open-database.ts";
