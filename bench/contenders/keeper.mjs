// A process that keeps a token: what a bot or a `kunji login` is to the others on the machine.
import { openKeeper } from "@kunji/keeper";
import { answerParent } from "../harness/child-calls.mjs";

let keeper;
const person = { openLogin() {}, awaitApproval: () => process.send({ asked: true }) };

answerParent({
  /** @param env where vault and broker are */
  async open({ env, webhookPort }) {
    Object.assign(process.env, env);
    keeper = await openKeeper({ webhookPort, wait: true });
  },
  /** Milliseconds of each of so many calls, one after the other. */
  async warm({ calls }) {
    const times = [];
    for (let call = 0; call < calls; call++) {
      const start = performance.now();
      await keeper.token("upstox");
      times.push(performance.now() - start);
    }
    return times;
  },
  /** Resolves when the person has approved. */
  login: async () => void (await keeper.login("upstox", { person })),
  logout: async () => await keeper.logout("upstox"),
  /** Says when it waits, and the moment at which it has the token, in epoch milliseconds. */
  async waitForToken() {
    const stop = keeper.on("loginRequired", () => process.send({ waiting: true }));
    await keeper.token("upstox");
    const at = performance.timeOrigin + performance.now();
    stop();
    return at;
  },
  close: async () => await keeper.close(),
});
