// The command line of the bench: names of benchmarks, and flags.
import { parseArgs } from "node:util";

const NUMBERS = {
  rounds: { default: 7, isWhole: true },
  seconds: { default: 3 },
  minutes: {},
  customers: { isWhole: true },
  expired: { default: 1_000_000, isWhole: true },
  live: { default: 100_000, isWhole: true },
};
const STORES = ["sqlite", "postgres"];

/**
 * @returns `{ names, json, database, ...numbers }`; `minutes` and `customers` are undefined unless given
 * @throws TypeError
 */
export function readOptions(arguments_, { known, usual }) {
  const texts = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: "string" }]));
  const { values, positionals } = parseArgs({
    args: arguments_,
    allowPositionals: true,
    options: {
      ...texts,
      only: { type: "string" },
      database: { type: "string", default: "sqlite" },
      json: { type: "boolean", default: false },
    },
  });
  const names = positionals.length > 0 ? positionals : (values.only?.split(",") ?? usual);
  for (const name of names) if (!known.includes(name)) throw new TypeError(`there is no benchmark ${name}`);
  if (!STORES.includes(values.database)) throw new TypeError(`--database is one of ${STORES.join(", ")}`);
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, readNumber(name, values[name])]));
  return { names, json: values.json, database: values.database, ...numbers };
}

function readNumber(name, text) {
  const { default: usual, isWhole = false } = NUMBERS[name];
  if (text === undefined) return usual;
  const value = Number(text);
  if (value > 0 && (!isWhole || Number.isInteger(value))) return value;
  throw new TypeError(`--${name} is a ${isWhole ? "whole " : ""}number above 0`);
}
