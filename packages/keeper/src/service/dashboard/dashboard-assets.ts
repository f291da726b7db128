import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { dashboardScript } from "./dashboard-script.ts";
import { dashboardStyle } from "./dashboard-style.ts";
import { logoFile } from "./logo.tsx";

const FILES = [
  { name: "dashboard.css", type: "text/css; charset=utf-8", text: dashboardStyle },
  { name: "dashboard.js", type: "text/javascript; charset=utf-8", text: dashboardScript },
  { name: "icon.svg", type: "image/svg+xml", text: logoFile },
] as const;

/** What the pages load, under addresses that name the content, so that browsers may keep it for good. */
export interface DashboardAssets {
  readonly href: (name: (typeof FILES)[number]["name"]) => string;
  readonly register: (app: FastifyInstance) => void;
}

export function createDashboardAssets(): DashboardAssets {
  const files = FILES.map((file) => {
    const hash = createHash("sha256").update(file.text).digest("base64url").slice(0, 12);
    return { ...file, path: `/assets/${hash}/${file.name}` };
  });
  return {
    href: (name) => files.find((file) => file.name === name)?.path ?? "",
    register(app) {
      for (const { path, type, text } of files) {
        app.get(path, async (_request, reply) =>
          reply.header("cache-control", "public, max-age=31536000, immutable").type(type).send(text),
        );
      }
    },
  };
}
