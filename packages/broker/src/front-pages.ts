import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "./broker-context.ts";
import { dialects } from "./dialects.ts";
import { openApiDocument } from "./openapi/openapi-document.ts";
import { apiReferencePage, type StartLink, startPage } from "./pages/index.ts";
import { VERSION } from "./version.ts";

/** `/`, `/docs` and `/openapi.json`: for a developer who opens the broker's address. */
export function registerFrontPages(app: FastifyInstance, context: BrokerContext, isDemo: boolean): void {
  app.get("/", async (_request, reply) =>
    reply
      .headers(context.pageHeaders())
      .type("text/html; charset=utf-8")
      .send(
        startPage({
          ...context.page({ brokerName: "Kunji" }),
          baseUrl: context.issuer(),
          dialects: dialects.map((dialect) => dialect.brokerName),
          links: isDemo ? [inbox, ...links] : links,
        }),
      ),
  );

  app.get("/docs", async (_request, reply) =>
    reply
      .headers(context.pageHeaders())
      .type("text/html; charset=utf-8")
      .send(
        apiReferencePage({
          ...context.page({ brokerName: "Kunji" }),
          baseUrl: context.issuer(),
          dialects: dialects.map((dialect) => ({
            id: dialect.name,
            title: dialect.brokerName,
            routes: Object.values(dialect.routes),
            errors: dialect.errors,
            errorSchema: dialect.errorSchema,
          })),
          openApiHref: "/openapi.json",
          homeHref: "/",
        }),
      ),
  );

  app.get("/openapi.json", async (_request, reply) =>
    reply
      .headers(context.jsonHeaders)
      .send(openApiDocument({ issuer: context.issuer(), version: VERSION, dialects: dialects.map((one) => one) })),
  );
}

const inbox: StartLink = { href: "/inbox", label: "Inbox", text: "The SMS and push messages this demo broker “sent”." };

const links: readonly StartLink[] = [
  { href: "/docs", label: "API reference", text: "Every operation, parameter and error code." },
  { href: "/openapi.json", label: "OpenAPI", text: "The same as a document for tools." },
  { href: "/account", label: "Account", text: "Approvals, sessions, activity, and your apps." },
  {
    href: "/.well-known/oauth-authorization-server",
    label: "OAuth metadata",
    text: "Where a standard OAuth client starts.",
  },
  { href: "/health/ready", label: "Health", text: "Whether the broker is ready." },
];
