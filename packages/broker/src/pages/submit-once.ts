/**
 * The only script of the pages, as the text a browser gets. It ignores a second click on a button while the first is on
 * its way: each form works once (S-41), and a browser that sends it twice drops the answer to the first, with the new
 * cookie or the redirect to the app in it. Every page works without it. Coming back to a page, and 15 seconds without
 * an answer, which is as long as the server takes at most (S-126), make the buttons work again.
 */
export const submitOnceScript = `"use strict";
{
  const root = document.documentElement;
  let timer;
  const release = () => {
    clearTimeout(timer);
    root.classList.remove("sending");
  };
  addEventListener("submit", (event) => {
    if (root.classList.contains("sending")) return event.preventDefault();
    root.classList.add("sending");
    timer = setTimeout(release, 15_000);
  });
  addEventListener("pageshow", release);
}
`;
