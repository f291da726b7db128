// A test's view of startBroker(): a fresh process that imports it, starts a broker and asks it something.
const started = performance.now();
const { startBroker } = await import("@kunji/broker/testing");
const imported = performance.now();
const broker = await startBroker();
const ready = performance.now();
const response = await fetch(`${broker.url}/health/ready`);
if (response.status !== 200) throw new Error(`the broker answered ${response.status}`);
await broker.close();
// The process began at 0.
console.log(JSON.stringify({ import: imported - started, start: ready - imported, process: ready }));
