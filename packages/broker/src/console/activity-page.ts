import { istDateTime } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { activityPage } from "../pages/index.ts";
import { listActivity, type StoredActivity } from "../store/account-activity.ts";
import { activityWords } from "./activity-words.ts";
import { onGet, sendPage, type Visit, visitView } from "./console-page.ts";

const PATH = "/account/activity";
const PER_PAGE = 25;
/** As far back as one can page; the rows themselves are kept for good (S-98). */
const MOST_PAGES = 400;

/** `/account/activity`: what happened to the account, newest first. */
export function registerActivityPage(app: FastifyInstance, context: BrokerContext): void {
  onGet(app, context, PATH, sendActivity);
}

async function sendActivity(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn } = visit;
  const page = readPage((visit.request.query as Readonly<Record<string, string>>).page);
  // One more than is shown tells whether there is an older page.
  const range = { skip: (page - 1) * PER_PAGE, most: PER_PAGE + 1 };
  const rows = await context.db.read(() => listActivity(signedIn.account.accountId, range));
  return sendPage(
    visit,
    activityPage({
      ...visitView(visit, PATH),
      entries: rows.slice(0, PER_PAGE).map((row) => entryOf(visit, row)),
      page,
      newerHref: page > 1 ? pageHref(page - 1) : undefined,
      olderHref: rows.length > PER_PAGE && page < MOST_PAGES ? pageHref(page + 1) : undefined,
      backHref: "/account",
    }),
  );
}

function entryOf({ dialect }: Visit, row: StoredActivity) {
  const detail = JSON.parse(row.detail) as Readonly<Record<string, string | number>>;
  const words = activityWords(row.event, { secret: dialect.secret, detail });
  return { at: `${istDateTime(row.at / 1000)} IST`, clientName: row.client_name ?? undefined, ...words };
}

/** What is no page is the first one. */
function readPage(text: string | undefined): number {
  return /^[1-9][0-9]{0,2}$/.test(text ?? "") ? Math.min(Number(text), MOST_PAGES) : 1;
}

function pageHref(page: number): string {
  return page === 1 ? PATH : `${PATH}?page=${page}`;
}
