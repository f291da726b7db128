/**
 * The dashboard's only script, as the text a browser gets. It puts the part with the accounts in place anew when the
 * keeper says that something changed, and every 30 seconds for the bars; what the server renders stays the only
 * description of the page. Focus and opened details stay where they were. The page works without it.
 */
export const dashboardScript = `"use strict";
{
  const part = document.getElementById("accounts");
  const live = document.getElementById("live");
  const away = document.getElementById("away");
  let busy = false;
  let again = false;
  const show = (isAway) => {
    live.hidden = isAway;
    away.hidden = !isAway;
  };
  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch("/accounts-now", { cache: "no-store" });
      if (answer.status === 401) return location.assign("/");
      if (!answer.ok) throw new Error("no answer");
      put(await answer.text());
      show(false);
    } catch {
      show(true);
    }
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  };
  const put = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html").body;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const opened = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
    part.replaceChildren(...next.childNodes);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
  const changes = new EventSource("/changes");
  changes.addEventListener("open", refresh);
  changes.addEventListener("change", refresh);
  changes.addEventListener("error", () => show(true));
  setInterval(() => document.visibilityState === "visible" && refresh(), 30_000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  addEventListener("pagehide", () => changes.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("submit", ({ target }) => {
    const button = target.querySelector("button");
    // After the browser has read the form: a second press would start the same login again.
    setTimeout(() => button?.setAttribute("disabled", ""));
    setTimeout(() => button?.removeAttribute("disabled"), 10_000);
  });
}
`;
