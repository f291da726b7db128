import { type Command, InvalidArgumentError, Option } from "commander";
import type { AdminFlags } from "./admin-plan.ts";
import type { ClientCreateFlags, ClientSetFlags } from "./clients.ts";
import { leaf } from "./leaf.ts";

const FLOWS = ["authorization_code", "token_request", "order_connect", "individual_token"];

/** `kunji admin client ...` */
export function addClientCommands(group: Command): void {
  leaf(group, "create", "Register an app. Its secret is printed once.")
    .argument("<broker>", "upstox or tradejini")
    .requiredOption("--name <name>", "what people read when they log in")
    .option("--redirect-uri <url...>", "where people go after the login; https, or http on this machine")
    .addOption(
      new Option("--kind <kind>", "what it is").choices(["individual", "business", "sandbox"]).default("business"),
    )
    .option("--owner <user-id>", "whose app it is; only the owner may log in through an individual one")
    .addOption(new Option("--flow <flow...>", "how it may obtain tokens").choices(FLOWS))
    .option("--native", "it runs on its user's machine: any loopback port, and PKCE")
    .option("--notifier-url <url>", "gets approved tokens as a webhook")
    .option("--static-ip <address...>", "addresses its calls must come from")
    .option("--sign-webhooks", "sign its webhooks, with a secret that is printed once")
    .action(async (broker: string, flags: ClientCreateFlags) => {
      const { createClient } = await import("./clients.ts");
      await createClient(broker, flags);
    });
  leaf(group, "list", "List all apps.").action(async (flags: AdminFlags) => {
    const { listClients } = await import("./clients.ts");
    await listClients(flags);
  });
  leaf(group, "show", "Show an app.")
    .argument("<client-id>")
    .action(async (clientId: string, flags: AdminFlags) => {
      const { showClient } = await import("./clients.ts");
      await showClient(clientId, flags);
    });
  addSetCommand(group);
  leaf(
    group,
    "rotate-secret",
    "Give an app a new secret, printed once. The earlier one counts on for a while; one before it ends.",
  )
    .argument("<client-id>")
    .option("--keep-earlier <hours>", "how long, 0 to 24; 0 when it leaked", hours, 24)
    .action(async (clientId: string, flags: AdminFlags & { readonly keepEarlier: number }) => {
      const { rotateSecret } = await import("./clients.ts");
      await rotateSecret(clientId, flags);
    });
  for (const [name, status, description] of [
    ["disable", "inactive", "Switch an app off: all that it holds ends at once."],
    ["enable", "active", "Switch an app on again. People log in afresh."],
  ] as const) {
    leaf(group, name, description)
      .argument("<client-id>")
      .action(async (clientId: string, flags: AdminFlags) => {
        const { switchClient } = await import("./clients.ts");
        await switchClient(clientId, status, flags);
      });
  }
}

function addSetCommand(group: Command): void {
  leaf(group, "set", "Change an app: what is given replaces what was there. Its codes and logins under way end.")
    .argument("<client-id>")
    .option("--name <name>", "what people read when they log in")
    .addOption(new Option("--owner <user-id>", "whose app it is; its tokens end as well").conflicts("removeOwner"))
    .option("--remove-owner", "it is nobody's; its tokens end as well")
    .option("--redirect-uri <url...>", "all its redirect URIs")
    .addOption(new Option("--notifier-url <url>", "gets approved tokens as a webhook").conflicts("removeNotifier"))
    .option("--remove-notifier", "send it no webhooks")
    .addOption(new Option("--static-ip <address...>", "all addresses its calls must come from").conflicts("anyIp"))
    .option("--any-ip", "let its calls come from anywhere")
    .addOption(new Option("--flow <flow...>", "all the ways it may obtain tokens").choices(FLOWS))
    .addOption(
      new Option("--new-webhook-secret", "sign its webhooks with a new secret").conflicts("removeWebhookSecret"),
    )
    .option("--remove-webhook-secret", "sign its webhooks no longer")
    .action(async (clientId: string, flags: ClientSetFlags) => {
      const { setClient } = await import("./clients.ts");
      await setClient(clientId, flags);
    });
}

function hours(text: string): number {
  const value = /^[0-9]{1,2}(?:\.[0-9]{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 24) return value;
  throw new InvalidArgumentError("It must be a number of hours from 0 to 24.");
}
