import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoAccounts } from "./broker-demo.ts";
import type { ReadOtp } from "./log-in.ts";

export interface DemoBroker {
  readonly url: string;
  readonly demo: DemoAccounts;
  readonly readOtp: ReadOtp;
  /** Stops the broker and removes its file. */
  readonly close: () => Promise<void>;
}

/** Starts a broker on a free port, with demo data in a SQLite file that goes away with it. */
export async function startDemoBroker(redirectUri: string, now: () => number): Promise<DemoBroker> {
  const broker = await import("@kunji/broker");
  const folder = await mkdtemp(join(tmpdir(), "kunji-demo-"));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const running = await broker.startServer({
      port: 0,
      host: "127.0.0.1",
      database: `sqlite:${join(folder, "broker.sqlite")}`,
      masterKey: Buffer.from(broker.systemRandomness().bytes(32)),
      // KUNJI_* of a real broker on this machine are none of the demo's.
      settings: broker.readSettings({}),
      demo: { ...broker.DEMO_DEFAULTS, redirectUri },
      clock: { now },
    });
    const { demo, inbox } = running;
    if (!demo || !inbox) throw new Error("the broker started without demo data");
    return {
      url: running.url,
      demo,
      async readOtp(mobileNumber) {
        await running.settled();
        const message = (await inbox.list()).find((entry) => entry.to === mobileNumber && entry.otp !== undefined);
        if (!message?.otp) throw new Error("no code was sent to this customer");
        return message.otp;
      },
      async close() {
        await running.close(1_000);
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
