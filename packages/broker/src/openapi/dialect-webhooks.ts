import type { Webhook } from "@kunji/contract";
import { upstoxNotifierWebhook } from "@kunji/contract/upstox";

/** What each broker sends to the URLs of an app, by the dialect's name. A broker that is not here sends nothing. */
export const dialectWebhooks: ReadonlyMap<string, readonly Webhook[]> = new Map([["upstox", [upstoxNotifierWebhook]]]);
