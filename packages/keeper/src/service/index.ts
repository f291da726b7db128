/** `@kunji/keeper/service`: the keeper as a service, what `kunji keep` runs. */
export type { AccountAnswer, LoginAnswer } from "./accounts-endpoint.ts";
export type { CheckAnswer } from "./check-endpoint.ts";
export type { FeedEvent } from "./event-feed.ts";
export type { KeeperForService } from "./keeper-for-service.ts";
export {
  connectKeeper,
  type KeeperServiceClient,
  type ServiceCallOptions,
  type ServiceGap,
  type ServiceLimits,
  type ServiceToken,
} from "./keeper-service-client.ts";
export type { NotifySettings } from "./notify.ts";
export { DEFAULT_PLAN, type SchedulePlan } from "./schedule-plan.ts";
export type { ServiceClock } from "./service-clock.ts";
export type { KeeperAddress } from "./service-http.ts";
export { DEFAULT_PORT, type ServiceOptions, type ServicePaths, servicePaths } from "./service-options.ts";
export { type RunningService, startService } from "./start-service.ts";
export type { TokenAnswer } from "./token-endpoint.ts";
