/**
 * A broker in a process of its own: `_broker-child.ts <database URL> <key as hex> <number of codes>`. Its first
 * line of output says where it answers, the second holds the codes it has issued; it stays until it is killed.
 */
import { startBroker } from "../../src/testing/index.ts";
import { issueCode } from "../upstox/_issue-code.ts";
import { UNLIMITED } from "./_unlimited.ts";

const [database = "", key = "", count = "0"] = process.argv.slice(2);
const broker = await startBroker({
  database,
  masterKey: Buffer.from(key, "hex"),
  customers: 2,
  settings: UNLIMITED,
});
const codes = await Promise.all(Array.from({ length: Number(count) }, () => issueCode(broker)));
process.stdout.write(`${broker.url}\n${codes.join(" ")}\n`);
