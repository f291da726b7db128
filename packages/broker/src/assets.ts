import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

const FILES = [
  { name: "pages.css", type: "text/css; charset=utf-8" },
  { name: "icon.svg", type: "image/svg+xml" },
] as const;

type AssetName = (typeof FILES)[number]["name"];

/** The two files pages load, under an address that names their content, so that browsers may keep them for good. */
export interface Assets {
  readonly href: (name: AssetName) => string;
  readonly register: (app: FastifyInstance) => void;
}

export function loadAssets(): Assets {
  const assets = FILES.map(({ name, type }) => {
    const body = readFileSync(new URL(`./pages/${name}`, import.meta.url));
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
