import { withKeeper } from "./with-keeper.ts";

/** Seals everything with a fresh key. */
export async function rotateVault({ json }: { readonly json?: true }): Promise<void> {
  await withKeeper(async ({ keeper: { vault }, terminal }) => {
    terminal.progress.say("Sealing everything with a fresh key");
    const sealed = await vault.rotateKey();
    terminal.progress.stop();
    const entries = sealed === 1 ? "1 entry" : `${sealed} entries`;
    terminal.print(json ? JSON.stringify({ sealed }) : `Sealed ${entries} with a fresh key. The old key is gone.`);
  });
}
