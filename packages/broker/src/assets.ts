import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { submitOnceScript } from "./pages/submit-once.ts";

const file = (name: string) => () => readFileSync(new URL(`./pages/${name}`, import.meta.url));

const ASSETS = [
  { name: "pages.css", type: "text/css; charset=utf-8", read: file("pages.css") },
  { name: "icon.svg", type: "image/svg+xml", read: file("icon.svg") },
  { name: "submit-once.js", type: "text/javascript; charset=utf-8", read: () => Buffer.from(submitOnceScript) },
] as const;

type AssetName = (typeof ASSETS)[number]["name"];

/** What pages load, under an address that names its content, so that browsers may keep it for good. */
export interface Assets {
  readonly href: (name: AssetName) => string;
  readonly register: (app: FastifyInstance) => void;
}

export function loadAssets(): Assets {
  const assets = ASSETS.map(({ name, type, read }) => {
    const body = read();
    const hash = createHash("sha256").update(body).digest("base64url").slice(0, 12);
    return { name, type, body, path: `/assets/${hash}/${name}` };
  });
  return {
    href: (name) => assets.find((asset) => asset.name === name)?.path ?? "",
    register(app) {
      for (const { path, type, body } of assets) {
        app.get(path, async (_request, reply) =>
          reply
            .header("cache-control", "public, max-age=31536000, immutable")
            .header("x-content-type-options", "nosniff")
            .type(type)
            .send(body),
        );
      }
    },
  };
}
