import { startBroker } from "@kunji/broker/testing";
import { expect, it } from "vitest";

it("a broker that is closed twice, by hand and when its block ends, is closed once", async () => {
  await using broker = await startBroker({ customers: 1 });
  await Promise.all([broker.close(), broker.close()]);
  await broker.close();
  await expect(fetch(`${broker.url}/health/live`)).rejects.toThrow("fetch failed");
});
