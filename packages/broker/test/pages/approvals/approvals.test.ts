import { describe, expect, it } from "vitest";
import { approvalListPage, approvalRequestPage, approvalResultPage } from "../../../src/pages/index.ts";
import { byId, formsOf, tagsNamed, textOf } from "../_html.ts";
import { approval, base } from "../_views.ts";

describe("approvalRequestPage", () => {
  const html = approvalRequestPage(approval);

  it("says who asks, for which account, for what, since when and until when (S-58)", () => {
    const text = textOf(html);
    expect(text).toContain("Demo App 1 asks for access to the Upstox account of Demo Customer 1");
    for (const fact of [...approval.permissions, approval.requestedAt, approval.expiresAt, approval.endsAt])
      expect(text).toContain(fact);
  });

  it("decides in its first form, approval first", () => {
    const buttons = tagsNamed(formsOf(html)[0] ?? "", "button");
    expect(buttons.map(({ attributes }) => [attributes.get("name"), attributes.get("value")])).toEqual([
      ["decision", "approve"],
      ["decision", "deny"],
    ]);
  });

  it("lets a person say no without a PIN", () => {
    const [approve, deny] = tagsNamed(html, "button");
    expect(approve?.attributes.has("formnovalidate")).toBe(false);
    expect(deny?.attributes.has("formnovalidate")).toBe(true);
  });

  it("asks for the number of the app only when one is required (security.md D6)", () => {
    const names = (page: string) => tagsNamed(page, "input").map((input) => input.attributes.get("name"));
    expect(names(html)).toEqual(["csrf", "number", "pin"]);
    expect(names(approvalRequestPage({ ...approval, matchNumberRequired: false }))).toEqual(["csrf", "pin"]);
  });

  it("does not put the cursor past the facts, but brings it to a wrong PIN", () => {
    expect(html).not.toContain("autofocus");
    const failed = approvalRequestPage({ ...approval, notice: { kind: "error", text: "Wrong PIN.", field: "pin" } });
    expect(byId(failed, "pinCode").attributes.has("autofocus")).toBe(true);
  });
});

describe("approvalResultPage", () => {
  it.each([
    ["approved", "Access allowed"],
    ["rejected", "Request rejected"],
    ["lapsed", "This request has ended"],
  ] as const)("tells that a request was %s", (outcome, title) => {
    const text = textOf(approvalResultPage({ ...approval, outcome }));
    expect(text).toContain(title);
    expect(text).toContain("Demo App 1");
  });

  it("speaks of an end only when access was given", () => {
    expect(textOf(approvalResultPage({ ...approval, outcome: "approved" }))).toContain(approval.endsAt);
    expect(textOf(approvalResultPage({ ...approval, outcome: "rejected" }))).not.toContain(approval.endsAt);
  });
});

describe("approvalListPage", () => {
  it("leads to each request", () => {
    const requests = [
      { href: "/console/approvals/9", clientName: "Demo App 2", requestedAt: "now", expiresAt: "later" },
    ];
    const html = approvalListPage({ ...base, homeHref: "/console", requests });
    expect(html).toContain('<a href="/console/approvals/9">');
    expect(textOf(html)).toContain("Demo App 2 Asked now. Decide before later.");
  });

  it("says that nothing waits", () => {
    expect(textOf(approvalListPage({ ...base, homeHref: "/console", requests: [] }))).toContain(
      "Nothing waits for you.",
    );
  });
});
