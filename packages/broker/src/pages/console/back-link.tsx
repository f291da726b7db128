import type { ComponentChildren } from "preact";
import { safeHref } from "../safe-href.ts";

/** The way back, below everything else on a page. */
export function BackLink({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <p class="asides">
      <a class="quiet" href={safeHref(href)}>
        {children}
      </a>
    </p>
  );
}
