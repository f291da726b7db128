import { setMaxListeners } from "node:events";
import { chmod } from "node:fs/promises";
import { isMainThread } from "node:worker_threads";
import type { FastifyInstance } from "fastify";
import { accountLabel } from "../account.ts";
import { KeeperError } from "../keeper-error.ts";
import { readPending } from "../login/pending-approval.ts";
import { nodeFileSystem } from "../vault/file-system.ts";
import { preparePrivateFolder, sweepTemporaryFiles } from "../vault/private-file.ts";
import { unlessDamaged } from "../vault/vault-failure.ts";
import { createApp } from "./app.ts";
import { type Bearer, createBearer } from "./bearer.ts";
import { DashboardAccess } from "./dashboard/dashboard-access.ts";
import { EventFeed } from "./event-feed.ts";
import { createEventStreams } from "./event-streams.ts";
import { eventNotice, failureNotice } from "./keeper-notices.ts";
import { LoginDesk } from "./login-desk.ts";
import { LoginHistory } from "./login-history.ts";
import { createNotifier, type Notifier } from "./notify.ts";
import { startSchedule } from "./schedule.ts";
import type { ServiceClock } from "./service-clock.ts";
import type { ServiceContext } from "./service-context.ts";
import { createServiceLog, errorFields } from "./service-log.ts";
import { readServiceOptions, type ServiceOptions, type ServiceSetup } from "./service-options.ts";
import { claimSocket } from "./unix-socket.ts";
import { createWebhookEndpoint } from "./webhook-endpoint.ts";

/** A service that answers. */
export interface RunningService extends AsyncDisposable {
  /** `http://127.0.0.1:7474`: the dashboard, and the API for who has the bearer. */
  readonly url: string;
  /** Undefined on Windows. */
  readonly socket: string | undefined;
  readonly bearerFile: string;
  /** A link that lets one browser into the dashboard, once, within ten minutes. A secret: not for a log. */
  readonly createDashboardLink: () => string;
  /** Start of the next scheduled logins, epoch milliseconds. */
  readonly nextLoginAt: () => number | undefined;
  /** Answers everybody who waits, ends what is under way, removes socket and bearer (S-115). */
  readonly close: () => Promise<void>;
}

/**
 * Starts the keeper's service: Unix socket, loopback port, schedule, notifications. Sets this process's umask to 077
 * (S-79).
 * @throws KeeperError `PORT_TAKEN` when another service lives on the socket or the port, `VAULT_UNSAFE` for a folder that
 * others may look into
 * @throws TypeError for options that make no sense
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const setup = readServiceOptions(options);
  if (isMainThread) process.umask(0o077);
  const { paths, clock } = setup;
  await preparePrivateFolder(nodeFileSystem, paths.directory);
  const log = createServiceLog(setup.writeLog, clock.now);
  const notifier = createNotifier({ ...setup, settings: setup.notify, log });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one for everybody who waits
  const history = new LoginHistory(paths.history, (error) =>
    log.warn("the login history could not be kept", errorFields(error)),
  );
  const { keeper } = setup;
  const webhooks = createWebhookEndpoint({ keeper, clock, log, port: setup.webhookPort, stopping: stopping.signal });
  const desk = new LoginDesk({
    history,
    clock,
    log,
    stopping: stopping.signal,
    async logIn({ broker, account }, person, signal) {
      await webhooks.refresh(); // an account may have been added a moment ago
      return await keeper.login(broker, { account, person, signal });
    },
  });
  const feed = new EventFeed(clock.now);
  const access = new DashboardAccess(clock);
  let port = setup.port;
  const url = () => `http://127.0.0.1:${port}`;
  const context: ServiceContext = {
    keeper,
    desk,
    history,
    feed,
    clock,
    log,
    stopping: stopping.signal,
    dashboardLink() {
      const { ticket, endsAt } = access.createLink();
      return { url: `${url()}/open/${ticket}`, endsAt };
    },
  };
  const nextLoginAt = () => setup.times?.next(clock.now());
  const doors = await openDoors(setup, context, {
    access,
    port: () => port,
    nextLoginAt,
    claimed: () => history.load(),
    listensAt: (found) => {
      port = found;
    },
  });

  const stopListening = connectEvents(context, notifier, url);
  try {
    await webhooks.open();
    // The keeper follows the accounts that somebody asked about.
    for (const { broker, account, problem } of await keeper.status()) {
      if (problem) log.warn("cannot be used", { account: accountLabel({ broker, account }), code: problem.code });
    }
  } catch (error) {
    stopping.abort();
    stopListening();
    await doors.bearer.remove();
    await Promise.all(doors.apps.map((app) => app.close()));
    throw error;
  }
  if (setup.plan && setup.times) {
    startSchedule({
      ...context,
      plan: setup.plan,
      times: setup.times,
      // One that cannot be read was set aside; its login says so.
      requestsOf: async (id) => (await readPending(keeper.vault, id).catch(unlessDamaged))?.sentAt ?? [],
      remind: (id) => feed.publish({ ...id, type: "loginRequired", expiresAt: undefined }),
    });
  }
  log.info("ready", { place: url() });

  let closing: Promise<void> | undefined;
  const close = async () => {
    log.info("stopping");
    stopping.abort();
    stopListening();
    // Before the socket goes: from then on bearer and history are those of the next service.
    await doors.bearer.remove();
    await desk.settled();
    await history.settled();
    await Promise.all([...doors.apps.map((app) => closeInTime(app, clock)), notifier.close(LONGEST_STOP_MS)]);
    log.info("stopped");
  };
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  return {
    url: url(),
    socket: paths.socket,
    bearerFile: paths.bearer,
    createDashboardLink: () => context.dashboardLink().url,
    nextLoginAt,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** What is under way has this long to finish (S-115). */
const LONGEST_STOP_MS = 8_000;

/** Cuts off what is not done in time: half a request, an answer that nobody reads. */
async function closeInTime(app: FastifyInstance, clock: ServiceClock): Promise<void> {
  const cancel = clock.after(LONGEST_STOP_MS, () => app.server.closeAllConnections());
  await app.close();
  cancel();
}

interface DoorOptions {
  /** Runs when this process is the service of its folder, before anybody is answered. */
  readonly claimed: () => Promise<void>;
  readonly access: DashboardAccess;
  readonly port: () => number;
  readonly nextLoginAt: () => number | undefined;
  readonly listensAt: (port: number) => void;
}

/**
 * The socket first: it decides which process is the service of this folder. On Windows the port does. The bearer is
 * written by the winner.
 */
async function openDoors(
  { paths, port }: ServiceSetup,
  context: ServiceContext,
  { claimed, listensAt, ...dashboard }: DoorOptions,
): Promise<{ readonly apps: readonly FastifyInstance[]; readonly bearer: Bearer }> {
  const { socket } = paths;
  const streams = createEventStreams(context);
  const apps: FastifyInstance[] = [];
  try {
    if (socket !== undefined) {
      const app = createApp({ context, streams, door: "socket", hosts: new Set(["localhost"]) });
      await claimSocket(socket, async () => {
        await claimed();
        await app.listen({ path: socket });
        apps.push(app);
        await chmod(socket, 0o600);
        await sweepTemporaryFiles(nodeFileSystem, paths.directory);
      });
    } else {
      await claimed();
    }
    const bearer = createBearer(paths.bearer);
    const hosts = new Set<string>();
    const pages = { ...dashboard, socket };
    const app = createApp({ context, streams, door: "loopback", hosts, bearer, dashboard: pages });
    apps.push(app);
    try {
      await app.listen({ host: "127.0.0.1", port, exclusive: true });
    } catch (error) {
      throw portFailure(error, port);
    }
    await bearer.publish();
    const address = app.server.address();
    const found = typeof address === "object" && address ? address.port : port;
    listensAt(found);
    hosts.add(`127.0.0.1:${found}`);
    return { apps, bearer };
  } catch (error) {
    await Promise.all(apps.map((app) => app.close()));
    throw error;
  }
}

function portFailure(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE" && code !== "EACCES") return error;
  return new KeeperError("PORT_TAKEN", `port ${port} of this machine is not free`, {
    cause: error,
    nextStep: "Stop what listens there, or choose another one with --port.",
  });
}

const EVENT_TYPES = ["renewed", "expiring", "expired", "loginRequired"] as const;

/** Keeper to feed, feed and desk to the owner, other processes' logins to the history. */
function connectEvents(context: ServiceContext, notifier: Notifier, url: () => string): () => void {
  const { keeper, feed, desk, history, clock } = context;
  const stops = [
    ...EVENT_TYPES.map((type) =>
      keeper.on(type, (event) => {
        if (type === "renewed" && !desk.ongoing(event)) {
          history.begin(event, Math.floor(clock.now() / 1000), "elsewhere").then((end) => end("done"));
        }
        feed.publish(event);
      }),
    ),
    feed.listen((event) => {
      context.log.info("event", { event: event.type, account: accountLabel(event) });
      const notice = eventNotice(event, `${url()}/`);
      if (notice) notifier.notify(notice);
    }),
    desk.listen((_id, failure) => {
      if (failure) notifier.notify(failureNotice(failure));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
