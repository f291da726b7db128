// Calls from the bench into a contender's process and back, over Node's IPC channel.

/** In the contender: answers the parent's calls with these functions. The process ends with its parent. */
export function answerParent(functions) {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async ({ id, name, argument }) => {
    try {
      process.send({ id, result: await functions[name](argument) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
}

/** In the bench: calls a function of the contender. Rejects when it throws or its process ends. */
export function callChild(child, name, argument) {
  const id = child.nextCall++;
  return new Promise((resolve, reject) => {
    const settle = (end) => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      end();
    };
    const onMessage = (answer) => {
      if (answer.id !== id) return;
      settle(() => (answer.error === undefined ? resolve(answer.result) : reject(new Error(answer.error))));
    };
    const onExit = (code) => settle(() => reject(new Error(`a contender ended with ${code} during ${name}`)));
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send({ id, name, argument });
  });
}
