/**
 * Watches all accounts of a vault: prints how they stand, and a line whenever one is renewed, about to end, or over.
 * Stops with Ctrl-C.
 */
import { once } from "node:events";
import { type KeeperEventType, openKeeper } from "@kunji/keeper";

const keeper = await openKeeper();
const types: readonly KeeperEventType[] = ["renewed", "expiring", "expired", "loginRequired"];
for (const type of types) keeper.on(type, ({ broker, account }) => console.log(`${broker}/${account}: ${type}`));

for (const { broker, account, state, secondsLeft } of await keeper.status()) {
  console.log(`${broker}/${account}: ${state}, ${Math.floor(secondsLeft / 60)} minutes left`);
}

// Alarms and watches keep no process alive.
const heart = setInterval(() => {}, 60_000);
await once(process, "SIGINT");
clearInterval(heart);
await keeper.close();
