import { describe, expect, it } from "vitest";
import { inboxPage, startPage } from "../../src/pages/index.ts";
import { textOf } from "./_html.ts";
import { inbox, start } from "./_views.ts";

describe("inboxPage", () => {
  const text = textOf(inboxPage(inbox));

  it("shows messages in the given order, with the code large and the link as a button", () => {
    expect(text.indexOf("041926")).toBeLessThan(text.indexOf("asks for access"));
    expect(inboxPage(inbox)).toContain('<p class="message-code">041926</p>');
    expect(inboxPage(inbox)).toContain('<a class="button secondary" href="/console/approvals/1">');
  });

  it("says clearly that it is a demo, once", () => {
    expect(text.match(/Demo mode\./g)).toHaveLength(1);
    const inDemo = textOf(inboxPage({ ...inbox, demo: { inboxHref: "/inbox" } }));
    expect(inDemo.match(/Demo mode\./g)).toHaveLength(1);
  });

  it("gives everything one needs to log in as a demo customer", () => {
    expect(text).toContain("Demo Customer 1 9000000001 204816 AAAPA0001A By SMS, see above");
    expect(text).toContain("Demo Customer 2 9000000002 397521 AAAPA0002A JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    expect(text).toContain("The first 2 of 10.");
    expect(text).toContain("Tradejini customers");
    expect(text).toContain("Demo Customer 1 TJ00001 not-a-secret JBSWY3DPEHPK3PXP");
  });

  it("tells what to do when nothing has arrived", () => {
    expect(textOf(inboxPage({ ...inbox, messages: [] }))).toContain(
      "No messages yet. Start a login, then refresh this page.",
    );
  });

  it("refreshes by a plain link", () => {
    expect(inboxPage(inbox)).toContain('href="/inbox">Refresh</a>');
  });
});

describe("startPage", () => {
  it("says what this is, where to point code, and where to go", () => {
    const text = textOf(startPage(start));
    expect(text).toContain("This is a Kunji broker");
    expect(text).toContain("http://127.0.0.1:8080");
    for (const link of start.links) expect(startPage(start)).toContain(`<a href="${link.href}">${link.label}</a>`);
  });

  it("lists two dialects in proper words", () => {
    expect(textOf(startPage({ ...start, dialects: ["Upstox", "Tradejini"] }))).toContain(
      "the way Upstox and Tradejini do",
    );
  });
});
