import { type AskPassphrase, Secret } from "@kunji/keeper";
import { CommandError, exitCodes } from "../command-error.ts";
import { openAsk } from "../terminal/ask.ts";

/** Asks for a vault's passphrase, a new one twice. Nothing is echoed. */
export const askPassphrase: AskPassphrase = async ({ place, domain, reason }) => {
  const ask = await openAsk();
  const what = domain === "factors" ? "the stored PINs and TOTP seeds" : "the vault";
  if (reason === "open") return new Secret(await ask.secret(`Passphrase of ${what} in ${place}`));
  if (reason === "change" && !(await ask.confirm(`Change the passphrase of ${what}?`))) return undefined;
  const passphrase = await ask.secret(`New passphrase of ${what} in ${place}`);
  if ((await ask.secret("The same again")) !== passphrase) {
    throw new CommandError(exitCodes.usedWrongly, "The two passphrases differ. Nothing was changed.");
  }
  return new Secret(passphrase);
};
