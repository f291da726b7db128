import type { Readable } from "node:stream";
import { CommandError, exitCodes } from "../command-error.ts";

const NAMES = ["clientSecret", "password", "totpSecret"] as const;
const MOST_BYTES = 16_384;

export type SecretFields = Partial<Record<(typeof NAMES)[number], string>>;

/**
 * Reads secrets from a pipe: one JSON object of texts. They never stand in argv, where every user of the machine could
 * read them (S-79).
 * @throws CommandError that names fields, never values
 */
export async function readSecrets(input: Readable): Promise<SecretFields> {
  let text = "";
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw refusal("more than 16 kB came from stdin");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal("what came from stdin is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refusal("stdin held no JSON object");
  const secrets: SecretFields = {};
  for (const [name, secret] of Object.entries(value)) {
    const known = NAMES.find((one) => one === name);
    if (!known) throw refusal(`stdin held a field that is none of ${NAMES.join(", ")}`);
    if (typeof secret !== "string" || secret === "") throw refusal(`${name} must be a text`);
    secrets[known] = secret;
  }
  return secrets;
}

function refusal(why: string): CommandError {
  return new CommandError(exitCodes.usedWrongly, `The secrets could not be read: ${why}.`);
}
