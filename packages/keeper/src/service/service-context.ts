import type { EventFeed } from "./event-feed.ts";
import type { KeeperForService } from "./keeper-for-service.ts";
import type { LoginDesk } from "./login-desk.ts";
import type { LoginHistory } from "./login-history.ts";
import type { ServiceClock } from "./service-clock.ts";
import type { ServiceLog } from "./service-log.ts";

/** What the endpoints of one service share. */
export interface ServiceContext {
  readonly keeper: KeeperForService;
  readonly desk: LoginDesk;
  readonly history: LoginHistory;
  readonly feed: EventFeed;
  readonly clock: ServiceClock;
  readonly log: ServiceLog;
  /** Aborts when the service stops: whoever waits gets an answer then. */
  readonly stopping: AbortSignal;
  /** An address that lets one browser in once. */
  readonly dashboardLink: () => { readonly url: string; readonly endsAt: number };
}
