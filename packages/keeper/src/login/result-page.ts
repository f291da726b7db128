/**
 * The page a browser is left with. It stands alone: no script, nothing loaded, its one style allowed by hash (S-89).
 */
import { createHash } from "node:crypto";

/** What the page says. Texts are escaped here. */
export interface ResultPage {
  readonly tone: "done" | "failed" | "plain";
  readonly heading: string;
  readonly text: string;
  /** Names and values, beneath the text. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** What to do now. */
  readonly nextStep: string;
}

const STYLE = `:root{color-scheme:light dark;--paper:#f4f3ee;--card:#fff;--ink:#1a2424;--soft:#55605f;--line:#dcdad2;--ground:#17494d;--key:#f2c879;--tone:#55605f;--tone-ground:#eef4f3}
.done{--tone:#1a6638;--tone-ground:#e7f4eb}
.failed{--tone:#a4201a;--tone-ground:#fdeeec}
@media(prefers-color-scheme:dark){:root{--paper:#0e1414;--card:#172020;--ink:#e8eeec;--soft:#a5b2af;--line:#2d3938;--ground:#205a5e;--tone:#a5b2af;--tone-ground:#1d2a2a}
.done{--tone:#94dba9;--tone-ground:#13301e}
.failed{--tone:#ffb4ab;--tone-ground:#3a1917}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
header{display:flex;align-items:center;justify-content:center;gap:.625rem;padding:clamp(1.25rem,12vh,7rem) 1rem 1.25rem;font-weight:650;font-size:1.0625rem}
header svg{width:2rem;height:2rem}
.logo-ground{fill:var(--ground)}
.logo-key{fill:var(--key)}
main{max-width:27rem;margin:0 auto;padding:2rem 1.5rem;background:var(--card);border:1px solid var(--line);border-radius:14px;text-align:center}
.mark{width:3.5rem;height:3.5rem;border-radius:50%;background:var(--tone-ground)}
.mark path{fill:none;stroke:var(--tone);stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
h1{margin:1rem 0 0;font-size:1.5rem;line-height:1.25;text-wrap:balance}
p{margin:.5rem 0 0;color:var(--soft);text-wrap:balance}
dl{display:grid;grid-template-columns:auto 1fr;gap:.5rem 1.25rem;margin:1.5rem 0 0;padding:1rem 0;border-block:1px solid var(--line);text-align:left;font-size:.9375rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:600}
.next{margin-top:1.25rem;color:var(--ink)}
@media(max-width:30rem){main{margin-inline:1rem}}`;

const MARKS = {
  done: '<path d="m18 29 7 7 14-15"/>',
  failed: '<path d="m20 20 16 16m0-16-16 16"/>',
  plain: '<path d="M28 18v13m0 7v.5"/>',
} as const;

const KEY_PATH =
  "M11 10.2a5.8 5.8 0 1 1 0 11.6 5.8 5.8 0 0 1 0-11.6Zm0 3.2a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z" +
  "M15.5 14.4H27v6.4h-3.2v-3.2h-1.6v2.4H19v-2.4h-3.5Z";

/** Headers of every page: not kept, not referred from, nothing loaded (S-89). */
export const RESULT_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** The whole document. */
export function renderResultPage({ tone, heading, text, facts = [], nextStep }: ResultPage): string {
  const rows = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(heading)} - Kunji</title>
<style>${STYLE}</style>
</head>
<body class="${tone}">
<header><svg viewBox="0 0 32 32" aria-hidden="true"><rect class="logo-ground" width="32" height="32" rx="9"/><path class="logo-key" fill-rule="evenodd" d="${KEY_PATH}"/></svg>Kunji</header>
<main>
<svg class="mark" viewBox="0 0 56 56" aria-hidden="true">${MARKS[tone]}</svg>
<h1>${escaped(heading)}</h1>
<p>${escaped(text)}</p>
${rows === "" ? "" : `<dl>${rows}</dl>\n`}<p class="next">${escaped(nextStep)}</p>
</main>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
