/**
 * The public surface of `@kunji/keeper`.
 */
export {
  type AccountId,
  type AccountProfile,
  accountLabel,
  DEFAULT_ACCOUNT,
  type LoginFactors,
  type LoginWay,
  requireAccountName,
  type Session,
} from "./account.ts";
export type { AccountProblem, AccountStatus, SessionState } from "./account-status.ts";
export type { Accounts, ListedAccount, NewAccount } from "./accounts.ts";
export type { AccountField, Broker, IssuedToken, Verdict } from "./brokers/broker.ts";
export type { BrokerApis, BrokerName } from "./brokers/brokers.ts";
export type { TradejiniApis } from "./brokers/tradejini.ts";
export type { UpstoxApis } from "./brokers/upstox.ts";
export {
  type AccountChoice,
  type BrokerApiMakers,
  type BrokerInfo,
  type BrokerWhereabouts,
  type Keeper,
  type LoginOptions,
  openKeeper,
  type TokenOptions,
} from "./keeper.ts";
export type { KeeperClock } from "./keeper-clock.ts";
export { KeeperError, type KeeperErrorCode, type KeeperErrorOptions, LoginRequired } from "./keeper-error.ts";
export type { KeeperEvent, KeeperEventType, KeeperListener } from "./keeper-events.ts";
export type { KeeperLog, KeeperLogEntry } from "./keeper-log.ts";
export type { KeeperOptions } from "./keeper-options.ts";
export type { LogIn, LoginRequest, Person } from "./login/login-way.ts";
export { DEFAULT_WEBHOOK_PORT, type NotifierAdvice, notifierAdvice, notifierPath } from "./login/notifier-address.ts";
export { openBrowser } from "./login/open-browser.ts";
export { otherDeviceHint, qrCode } from "./login/qr-code.ts";
export { RESULT_HEADERS, type ResultPage, renderResultPage } from "./login/result-page.ts";
export type { WaysIn } from "./login-ways.ts";
export { Secret } from "./secret.ts";
export {
  connectKeeper,
  type KeeperServiceClient,
  type ServiceCallOptions,
  type ServiceLimits,
  type ServiceToken,
} from "./service/keeper-service-client.ts";
export type { KeeperAddress } from "./service/service-http.ts";
export type { SessionCheck } from "./session-check.ts";
export { secondsLeft } from "./session-life.ts";
export { type KunjiFolders, kunjiFolders, type OpenVaultOptions, openVault } from "./vault/open-vault.ts";
export type { EntryInfo, EntryKind, EntryName, Vault } from "./vault/vault.ts";
export type { AskPassphrase, PassphraseQuestion } from "./vault/vault-key.ts";
