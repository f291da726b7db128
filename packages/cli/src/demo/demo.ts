import { exitCodes } from "../command-error.ts";
import { nodeSupportNotice } from "../node-support.ts";
import { listenForStop } from "../stop-signals.ts";
import { canAskPerson } from "../terminal/browser-here.ts";
import { createStyle, wantsColour } from "../terminal/style.ts";
import { tradejiniDemo } from "../tradejini/tradejini-demo.ts";
import { upstoxDemo } from "../upstox/upstox-demo.ts";
import type { BrokerDemo } from "./broker-demo.ts";
import { type DemoBroker, startDemoBroker } from "./demo-broker.ts";
import { demoFailure } from "./demo-failure.ts";
import { createJsonReport } from "./json-report.ts";
import { type LogInParts, logInAsPerson, logInScripted } from "./log-in.ts";
import { openLoopbackReceiver } from "./loopback-receiver.ts";
import { createTextReport } from "./text-report.ts";

/** Every broker `--broker` can name. */
const brokers = { upstox: upstoxDemo, tradejini: tradejiniDemo } as const satisfies Record<string, BrokerDemo>;

export interface DemoFlags {
  readonly broker: keyof typeof brokers;
  readonly once?: boolean;
  readonly stay?: boolean;
  readonly json?: boolean;
}

/**
 * Shows a whole login, and cleans up behind itself however it ends.
 * @throws CommandError when the login did not come to its end
 */
export async function demo(flags: DemoFlags): Promise<void> {
  const stop = listenForStop(
    process,
    () => process.exit(exitCodes.failed),
    () => performance.now(),
  );
  const write = (text: string) => void process.stdout.write(text);
  const style = createStyle(wantsColour(process.stdout, process.env));
  const brokerDemo = brokers[flags.broker];
  const report = flags.json ? createJsonReport(brokerDemo.name, write) : createTextReport(style, write);
  const isPerson = !flags.once && !flags.json && canAskPerson(process);
  const notice = nodeSupportNotice(process.versions.node, Date.now());
  if (notice) process.stderr.write(`${createStyle(wantsColour(process.stderr, process.env)).yellow(notice)}\n`);

  const receiver = await openLoopbackReceiver();
  let broker: DemoBroker | undefined;
  try {
    const clock = brokerDemo.clock(Date.now);
    report.start(brokerDemo.headline, clock.notice);
    const started = performance.now();
    const running = await startDemoBroker(receiver.redirectUri, clock.now);
    broker = running;
    const took = Math.round(performance.now() - started);
    report.step({ name: "broker", title: "Started a broker", detail: `${running.url}, in ${took} ms` });
    const { url: host, demo: accounts, readOtp } = running;
    const customer = await brokerDemo.customer(accounts);
    const parts: LogInParts = { host, readOtp, customer, receiver, report, signal: stop.signal };
    await brokerDemo.walk({
      host,
      demo: accounts,
      logIn: (dialog) => (isPerson ? logInAsPerson(dialog, parts) : logInScripted(dialog, parts)),
      report,
      now: clock.now,
      signal: stop.signal,
    });
    const stays = flags.stay === true || isPerson;
    report.end(stays ? { url: host, people: brokerDemo.people(accounts) } : undefined);
    if (stays) await stop.stopped;
  } catch (error) {
    throw demoFailure(error, stop.signal.aborted);
  } finally {
    await receiver.close();
    await broker?.close();
  }
}
