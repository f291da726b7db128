// In the process of a client: makes calls, so many in flight, and says what CPU they cost.
import { answerParent } from "./child-calls.mjs";

/** @param connect makes the function that calls once and resolves with the name in the profile */
export function answerCalls(connect) {
  let callOnce;
  answerParent({
    start(options) {
      callOnce = connect(options);
    },
    async run({ calls, inFlight }) {
      let left = calls;
      const work = async () => {
        while (left-- > 0) {
          if ((await callOnce()) !== "Demo Customer 1") throw new Error("the answer was read wrongly");
        }
      };
      const before = process.cpuUsage();
      await Promise.all(Array.from({ length: inFlight }, work));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / calls;
    },
  });
}
