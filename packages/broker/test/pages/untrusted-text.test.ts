/** S-56: whatever stands in a view model, the document keeps its structure. */
import { describe, expect, it } from "vitest";
import * as pages from "../../src/pages/index.ts";
import { skeletonOf, tagsOf } from "./_html.ts";
import * as views from "./_views.ts";

const payloads = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '" onmouseover="alert(1)" x="',
  "</title></style></textarea><svg onload=alert(1)>",
  "<!--",
  "]]><b>",
  "&lt;script&gt;",
  "{{7*7}}",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "\u0000<b>\r\n</b>",
  "\u202Egnp.exe\u2066",
];

const notice = { kind: "error", text: "Try again." } as const;
const demo = { inboxHref: "/inbox" };
const full = { ...views.flow, demo, notice };

/** A page with a view in which every optional text is present. */
interface Shown {
  readonly render: (view: never) => string;
  readonly view: object;
}
const shown: Readonly<Record<string, Shown>> = {
  mobileStep: { render: pages.mobileStep, view: full },
  otpStep: { render: pages.otpStep, view: full },
  pinStep: { render: pages.pinStep, view: { ...full, ...views.consent } },
  recoveryPanStep: { render: pages.recoveryPanStep, view: full },
  recoveryCodeStep: { render: pages.recoveryCodeStep, view: full },
  recoveryNewPinStep: { render: pages.recoveryNewPinStep, view: full },
  passwordStep: { render: pages.passwordStep, view: full },
  twoFaStep: { render: pages.twoFaStep, view: { ...full, chosen: "totp" } },
  recoveryAccountStep: { render: pages.recoveryAccountStep, view: full },
  newPasswordStep: { render: pages.newPasswordStep, view: full },
  approveStep: { render: pages.approveStep, view: { ...full, ...views.consent, orders: views.orders } },
  messagePage: {
    render: pages.messagePage,
    view: {
      ...views.base,
      demo,
      title: "T",
      text: "Text",
      tone: "info",
      actionHref: "/a",
      actionLabel: "A",
      requestId: "r",
    },
  },
  clientErrorPage: { render: pages.clientErrorPage, view: { ...views.base, requestId: "r" } },
  badRequestPage: { render: pages.badRequestPage, view: { ...views.base, requestId: "r" } },
  notFoundPage: { render: pages.notFoundPage, view: { ...views.base, requestId: "r", homeHref: "/" } },
  tooManyRequestsPage: {
    render: pages.tooManyRequestsPage,
    view: { ...views.base, requestId: "r", retryAfter: "soon" },
  },
  busyPage: { render: pages.busyPage, view: { ...views.base, requestId: "r", retryAfter: "soon" } },
  serverErrorPage: { render: pages.serverErrorPage, view: { ...views.base, requestId: "r" } },
  approvalRequestPage: { render: pages.approvalRequestPage, view: { ...views.approval, notice } },
  approvalResultPage: { render: pages.approvalResultPage, view: { ...views.approval, outcome: "approved" } },
  approvalListPage: {
    render: pages.approvalListPage,
    view: {
      ...views.base,
      homeHref: "/h",
      requests: [{ href: "/1", clientName: "App", requestedAt: "a", expiresAt: "b" }],
    },
  },
  accountHomePage: { render: pages.accountHomePage, view: { ...views.accountHome, notice } },
  accountOrdersPage: {
    render: pages.accountOrdersPage,
    view: { ...views.base, homeHref: "/h", baskets: [{ placedAt: "t", orders: views.orders }] },
  },
  totpEnrolmentPage: { render: pages.totpEnrolmentPage, view: { ...views.enrolment, notice } },
  totpDisablePage: {
    render: pages.totpDisablePage,
    view: { ...views.form, notice, asksFor: views.pinAsked, backHref: "/b" },
  },
  appListPage: {
    render: pages.appListPage,
    view: { ...views.base, notice, apps: [{ ...views.app, href: "/1" }], homeHref: "/h" },
  },
  appPage: { render: pages.appPage, view: { ...views.app, notice } },
  clientChangePage: { render: pages.clientChangePage, view: { ...views.clientChange, ...views.secretChange, notice } },
  newSecretPage: { render: pages.newSecretPage, view: views.newSecret },
  staticIpsPage: { render: pages.staticIpsPage, view: { ...views.staticIps, notice } },
  sessionsPage: { render: pages.sessionsPage, view: { ...views.sessions, notice } },
  activityPage: { render: pages.activityPage, view: views.activity },
  inboxPage: { render: pages.inboxPage, view: views.inbox },
  startPage: { render: pages.startPage, view: views.start },
  apiReferencePage: { render: pages.apiReferencePage, view: views.reference },
};

/** Words from a closed list, which pick a branch instead of being shown. So does the list of an operation's error codes. */
const choices = new Set([
  "kind",
  "tone",
  "outcome",
  "method",
  "auth",
  "in",
  "contentType",
  "field",
  "required",
  "chosen",
  "side",
  "asksFor",
]);

/** Copies of the view, each with one string replaced. */
function* withEachStringReplaced(value: unknown, payload: string): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      for (const changed of withEachStringReplaced(item, payload)) yield value.with(index, changed);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (choices.has(key) || (key === "errors" && Array.isArray(item))) continue;
      for (const changed of withEachStringReplaced(item, payload)) yield { ...value, [key]: changed };
    }
  } else if (typeof value === "string") yield payload;
}

describe.each(Object.entries(shown))("%s", (_name, { render, view }) => {
  it("keeps its structure with hostile text in any field (S-56)", () => {
    const expected = skeletonOf(render(view as never));
    for (const payload of payloads)
      for (const changed of withEachStringReplaced(view, payload))
        expect(skeletonOf(render(changed as never))).toBe(expected);
  });

  it("never links to anything but a web page or an authenticator app (S-56)", () => {
    for (const payload of ["javascript:alert(1)", "data:text/html,x", " JaVaScRiPt:alert(1)", "//elsewhere.test/"])
      for (const changed of withEachStringReplaced(view, payload))
        for (const tag of tagsOf(render(changed as never)).filter((each) => each.name === "a"))
          expect(tag.attributes.get("href")).toMatch(/^(https?:\/\/|otpauth:\/\/totp\/|\/(?!\/)|#)/);
  });
});

it("every page that the index exports is in this test", () => {
  const exported = Object.keys(pages).filter((name) => /(Page|Step)$/.test(name));
  expect(Object.keys(shown).sort()).toEqual(exported.sort());
});

it("shows an app's name cleaned on every page that names it (S-56)", () => {
  const clientName = `\u202Eevil\u2066 ${"x".repeat(200)}`;
  const documents = [
    pages.mobileStep({ ...views.flow, clientName }),
    pages.pinStep({ ...views.flow, ...views.consent, clientName }),
    pages.passwordStep({ ...views.flow, clientName }),
    pages.approveStep({ ...views.flow, ...views.consent, clientName, orders: views.orders }),
    pages.approvalRequestPage({ ...views.approval, clientName }),
    pages.approvalResultPage({ ...views.approval, clientName, outcome: "approved" }),
    pages.approvalListPage({
      ...views.base,
      homeHref: "/",
      requests: [{ href: "/1", clientName, requestedAt: "a", expiresAt: "b" }],
    }),
  ];
  for (const html of documents) {
    expect(html).not.toMatch(/[\u202E\u2066]/);
    expect(html).toContain(`evil ${"x".repeat(54)}…`);
    expect(html).not.toContain("x".repeat(55));
  }
});
