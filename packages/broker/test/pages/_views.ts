/** View models for the tests of the pages, and the list of every page in every state that matters. */
import type { Route } from "@kunji/contract";
import { upstoxErrorSchema, upstoxErrors } from "@kunji/contract/upstox";
import * as pages from "../../src/pages/index.ts";

export const base = {
  brokerName: "Upstox",
  assetHref: "/assets/0a1b2c/pages.css",
  iconHref: "/assets/0a1b2c/icon.svg",
} as const;

export const form = { ...base, csrf: "csrf-token-1", action: "/login/step" } as const;

export const flow = {
  ...form,
  clientName: "Demo App 1",
  redirectHost: "127.0.0.1:7475",
  cancelAction: "/login/cancel",
} as const;

export const consent = {
  permissions: ["See your profile and funds", "Place, change and cancel orders"],
  endsAt: "until 03:30 IST tomorrow, Sat 21 Nov",
} as const;

export const approval = {
  ...form,
  ...consent,
  clientName: "Demo App 1",
  accountName: "Demo Customer 1",
  requestedAt: "today at 18:20 IST",
  expiresAt: "03:30 IST tomorrow, Sat 21 Nov",
  matchNumberRequired: true,
  backHref: "/console/approvals",
} as const;

export const accountHome = {
  ...base,
  csrf: "csrf-token-1",
  accountName: "Demo Customer 1",
  userId: "7KAB12",
  totp: { enabled: false, href: "/console/totp" },
  approvals: { pending: 1, href: "/console/approvals" },
  apps: { count: 1, href: "/console/apps" },
  sessionsHref: "/console/sessions",
  activityHref: "/console/activity",
  signOutAction: "/console/sign-out",
} as const;

export const pinAsked = { secret: "PIN", secretField: "pin" } as const;
export const passwordAsked = { secret: "password", secretField: "password" } as const;

export const app: pages.AppPageView = {
  ...base,
  name: "Demo App 1",
  clientId: "7f1d4a52-90c1-4a4e-8f0b-2d6f3f1b9d01",
  status: { text: "On", isOn: true },
  flows: "login pages, approval on the phone",
  audience: "Every Upstox customer",
  panels: [
    {
      id: "redirect-uris",
      title: "Redirect URI",
      values: ["https://desk.example.in/callback"],
      link: { href: "/console/apps/1/redirect-uris", label: "Change" },
    },
    {
      id: "status",
      title: "Switch off",
      text: "Ends every token the app holds, at once.",
      link: { href: "/console/apps/1/status", label: "Switch it off" },
    },
  ],
  backHref: "/console/apps",
};

export const clientChange: pages.ClientChangeView = {
  ...form,
  title: "Redirect URIs",
  about: "Demo App 1",
  intro: ["After a login people go back to one of these addresses."],
  fields: [
    {
      name: "redirect_uri_1",
      label: "Redirect URI 1",
      hint: "https://",
      value: "https://desk.example.in/callback",
      kind: "url",
    },
    { name: "redirect_uri_2", label: "Redirect URI 2", value: "", kind: "url" },
  ],
  buttons: [{ label: "Save the redirect URIs" }],
  asksFor: pinAsked,
  backHref: "/console/apps/1",
};

export const secretChange: pages.ClientChangeView = {
  ...clientChange,
  title: "New API secret",
  fields: [],
  choice: {
    name: "earlier_secret",
    legend: "The earlier secret",
    options: [
      { value: "keep", label: "works for 24 hours" },
      { value: "end", label: "ends now: it leaked" },
    ],
  },
  buttons: [
    { label: "Make a new one", decision: "make", isDangerous: true },
    { label: "Remove it", decision: "remove" },
  ],
  asksFor: passwordAsked,
};

export const newSecret: pages.NewSecretView = {
  ...base,
  secret: "c2Vjb25kLWFwcC1zZWNyZXQtb2YtdGhlLXRlc3RzLTE",
  kind: "api",
  about: "Demo App 1",
  appHref: "/console/apps/1",
};

export const staticIps: pages.StaticIpsView = {
  ...form,
  primary: "203.0.113.7",
  secondary: "",
  changedAt: "2026-11-20 18:20:00 IST",
  consequences: "A change ends the access of every app at once.",
  asksFor: pinAsked,
  backHref: "/console",
};

const span = { since: "2026-11-25 09:05:00 IST", until: "2026-11-26 03:30:00 IST" };

export const sessions: pages.SessionsView = {
  ...form,
  apps: [
    {
      name: "Demo App 1",
      tokens: [
        { key: "0123456789abcdef01234567", readOnly: false, ...span },
        { key: "0123456789abcdef01234568", readOnly: true, ...span },
      ],
    },
    { name: "Demo App 2", tokens: [{ key: "0123456789abcdef01234569", readOnly: false, ...span }] },
  ],
  browsers: [
    { key: "0123456789abcdef0123456a", isThis: true, ...span },
    { key: "0123456789abcdef0123456b", isThis: false, ...span },
  ],
  backHref: "/console",
};

export const activity: pages.ActivityView = {
  ...base,
  entries: [
    {
      at: "2026-11-25 09:05:00 IST",
      text: "You logged in and allowed access",
      clientName: "Demo App 1",
      isWarning: false,
    },
    { at: "2026-11-25 09:04:00 IST", text: "A wrong PIN was given", isWarning: true },
  ],
  page: 2,
  newerHref: "/console/activity",
  olderHref: "/console/activity?page=3",
  backHref: "/console",
};

export const enrolment = {
  ...form,
  modules: [
    [true, false, true],
    [true, true, false],
    [false, false, false],
  ],
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  otpauthUri: "otpauth://totp/Kunji:demo?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Kunji",
  asksFor: pinAsked,
  backHref: "/console",
};

export const inbox: pages.InboxView = {
  ...base,
  messages: [
    {
      to: "9000000001",
      kind: "sms",
      text: "041926 is your login code. It works for 5 minutes. Never share it.",
      otp: "041926",
      sentAt: "18:21:40 IST",
    },
    {
      to: "9000000001",
      kind: "push",
      text: "Demo App 1 asks for access to your account.",
      link: "/console/approvals/1",
      sentAt: "18:20:02 IST",
    },
  ],
  people: [
    {
      brokerName: "Upstox",
      columns: ["Mobile", "PIN", "PAN"],
      customers: [
        { name: "Demo Customer 1", values: ["9000000001", "204816", "AAAPA0001A"] },
        {
          name: "Demo Customer 2",
          values: ["9000000002", "397521", "AAAPA0002A"],
          totpSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        },
      ],
      count: 10,
    },
    {
      brokerName: "Tradejini",
      columns: ["Client code", "Password"],
      customers: [{ name: "Demo Customer 1", values: ["TJ00001", "not-a-secret"], totpSecret: "JBSWY3DPEHPK3PXP" }],
    },
  ],
  refreshHref: "/inbox",
};

export const start: pages.StartView = {
  ...base,
  baseUrl: "http://127.0.0.1:8080",
  dialects: ["Upstox"],
  links: [
    { href: "/docs", label: "API reference", text: "Every path, field and error, for people." },
    { href: "/openapi.json", label: "OpenAPI", text: "The same for programs." },
    { href: "/inbox", label: "Demo inbox", text: "Codes and messages, and whom to log in as." },
    { href: "/health/ready", label: "Health", text: "Whether it is ready to answer." },
  ],
};

export const tokenRoute: Route = {
  id: "token",
  method: "POST",
  path: "/v2/login/authorization/token",
  summary: "Exchange a code for a token",
  description: "Each code works once.",
  auth: "secret",
  parameters: [
    {
      name: "Api-Version",
      in: "header",
      required: false,
      schema: { type: "string" },
      description: "Ignored when absent",
    },
  ],
  body: {
    contentType: "application/x-www-form-urlencoded",
    required: true,
    schema: {
      type: "object",
      required: ["code"],
      properties: {
        code: { type: "string", description: "From the redirect" },
        grant_type: { const: "authorization_code" },
      },
    },
  },
  responses: {
    200: {
      description: "The token, flat",
      schema: {
        type: "object",
        required: ["access_token"],
        properties: {
          access_token: { type: "string", description: "Dies at 03:30 IST" },
          exchanges: { type: "array", items: { type: "string" } },
        },
      },
    },
    400: { description: "Something is missing or wrong" },
  },
  errors: ["UDAPI100057", "UDAPI100069"],
};

export const profileRoute: Route = {
  id: "getProfile",
  method: "GET",
  path: "/v2/user/profile",
  summary: "Read the profile",
  auth: "bearer",
  parameters: [],
  responses: { 200: { description: "The profile" } },
  errors: [],
};

export const reference: pages.ApiReferenceView = {
  ...base,
  baseUrl: "http://127.0.0.1:8080",
  dialects: [
    {
      id: "upstox",
      title: "Upstox",
      routes: [tokenRoute, profileRoute],
      errors: upstoxErrors,
      errorSchema: upstoxErrorSchema,
    },
  ],
  openApiHref: "/openapi.json",
  homeHref: "/",
};

/** A step of the Tradejini login. */
export const tradejiniFlow = { ...flow, brokerName: "Tradejini" } as const;

export const orders: readonly pages.OrderLineView[] = [
  {
    side: "buy",
    quantity: "10",
    instrument: ["ACC"],
    exchange: "NSE",
    price: "limit ₹ 2700.55",
    product: "intraday",
    validity: "day",
    others: [{ name: "Series", value: "EQ" }],
  },
  {
    side: "sell",
    quantity: "1500",
    instrument: ["BANKNIFTY", "2022-11-24", "34000", "PE"],
    exchange: "NFO",
    price: "at market price",
    product: "delivery",
    validity: "ioc",
    others: [{ name: "Market protection, %", value: "5" }],
  },
];

const demo = { inboxHref: "/inbox" };
const error = { ...base, requestId: "req-1" };
const wrong = (text: string, field?: string): pages.Notice => ({ kind: "error", text, field });

/** Every page by name, with its document. */
export const everyPage: Readonly<Record<string, string>> = {
  mobile: pages.mobileStep({ ...flow, demo }),
  "mobile-error": pages.mobileStep({ ...flow, notice: wrong("Type the 10 digits of your mobile number.") }),
  "mobile-console": pages.mobileStep({ ...form, cancelAction: "/console/cancel" }),
  otp: pages.otpStep({ ...flow, demo }),
  "otp-info": pages.otpStep({
    ...flow,
    notice: { kind: "info", text: "We sent a new code. The old one no longer works." },
  }),
  "otp-error": pages.otpStep({ ...flow, notice: wrong("That code is not right. Check it and try again.") }),
  pin: pages.pinStep({ ...flow, ...consent }),
  "pin-error": pages.pinStep({ ...flow, ...consent, demo, notice: wrong("That PIN is not right. 4 tries are left.") }),
  "pin-console": pages.pinStep({ ...form, ...consent, cancelAction: "/console/cancel" }),
  "recovery-pan": pages.recoveryPanStep(flow),
  "recovery-code": pages.recoveryCodeStep(flow),
  "recovery-new-pin": pages.recoveryNewPinStep(flow),
  "recovery-new-pin-error": pages.recoveryNewPinStep({
    ...flow,
    notice: wrong("The two PINs differ. Type the same PIN twice.", "pin_again"),
  }),
  password: pages.passwordStep({ ...tradejiniFlow, demo }),
  "password-error": pages.passwordStep({ ...tradejiniFlow, notice: wrong("Client code or password is not right.") }),
  "password-console": pages.passwordStep({ ...form, cancelAction: "/console/cancel" }),
  "two-fa": pages.twoFaStep({ ...tradejiniFlow, chosen: "totp" }),
  "two-fa-sms": pages.twoFaStep({
    ...flow,
    demo,
    chosen: "otp",
    notice: { kind: "info", text: "A code is on its way." },
  }),
  "two-fa-error": pages.twoFaStep({ ...tradejiniFlow, chosen: "totp", notice: wrong("That code is not right.") }),
  "recovery-account": pages.recoveryAccountStep(tradejiniFlow),
  "recovery-account-error": pages.recoveryAccountStep({ ...tradejiniFlow, notice: wrong("A PAN is wrong.", "pan") }),
  "new-password": pages.newPasswordStep(tradejiniFlow),
  "new-password-error": pages.newPasswordStep({ ...tradejiniFlow, notice: wrong("They differ.", "password_again") }),
  approve: pages.approveStep({ ...tradejiniFlow, ...consent }),
  "approve-order": pages.approveStep({ ...tradejiniFlow, ...consent, orders: orders.slice(0, 1) }),
  "approve-orders": pages.approveStep({ ...tradejiniFlow, ...consent, demo, orders }),
  locked: pages.messagePage({
    ...base,
    title: "This account is locked",
    text: "There were too many wrong PINs. Set a new PIN to unlock it.",
    tone: "warning",
    actionHref: "/login/recover",
    actionLabel: "Set a new PIN",
  }),
  "client-error": pages.clientErrorPage(error),
  "bad-request": pages.badRequestPage(error),
  "not-found": pages.notFoundPage({ ...error, homeHref: "/" }),
  "too-many": pages.tooManyRequestsPage({ ...error, retryAfter: "in one minute" }),
  busy: pages.busyPage({ ...error, retryAfter: "in a minute" }),
  "busy-code": pages.busyPage({ ...error, retryAfter: "in a minute", unsent: "code" }),
  "server-error": pages.serverErrorPage(error),
  approval: pages.approvalRequestPage(approval),
  "approval-error": pages.approvalRequestPage({
    ...approval,
    demo,
    notice: wrong("That PIN is not right. 4 tries are left.", "pin"),
  }),
  "approval-plain": pages.approvalRequestPage({ ...approval, matchNumberRequired: false }),
  "approval-approved": pages.approvalResultPage({ ...approval, outcome: "approved" }),
  "approval-rejected": pages.approvalResultPage({ ...approval, outcome: "rejected" }),
  "approval-lapsed": pages.approvalResultPage({ ...approval, outcome: "lapsed" }),
  approvals: pages.approvalListPage({
    ...base,
    homeHref: "/console",
    requests: [
      {
        href: "/console/approvals/1",
        clientName: "Demo App 1",
        requestedAt: "today at 18:20 IST",
        expiresAt: "03:30 IST tomorrow",
      },
      {
        href: "/console/approvals/2",
        clientName: "Demo App 2",
        requestedAt: "today at 17:02 IST",
        expiresAt: "03:30 IST tomorrow",
      },
    ],
  }),
  "approvals-empty": pages.approvalListPage({ ...base, homeHref: "/console", requests: [] }),
  account: pages.accountHomePage(accountHome),
  "account-with-orders": pages.accountHomePage({ ...accountHome, approvals: undefined, ordersHref: "/console/orders" }),
  "account-orders": pages.accountOrdersPage({
    ...base,
    homeHref: "/console",
    baskets: [
      { placedAt: "today at 09:20 IST", orders },
      { placedAt: "today at 09:15 IST", orders: orders.slice(0, 1) },
    ],
  }),
  "account-no-orders": pages.accountOrdersPage({ ...base, homeHref: "/console", baskets: [] }),
  "account-totp": pages.accountHomePage({
    ...accountHome,
    totp: { enabled: true, href: "/console/totp" },
    approvals: { pending: 0, href: "/console/approvals" },
    notice: { kind: "info", text: "Your authenticator app is on." },
  }),
  "totp-enrolment": pages.totpEnrolmentPage(enrolment),
  "totp-enrolment-error": pages.totpEnrolmentPage({
    ...enrolment,
    notice: wrong("That code is not right. Type the newest one.", "otp"),
  }),
  "totp-enrolment-password": pages.totpEnrolmentPage({ ...enrolment, asksFor: passwordAsked }),
  "totp-disable": pages.totpDisablePage({ ...form, asksFor: pinAsked, backHref: "/console" }),
  "totp-disable-password": pages.totpDisablePage({ ...form, asksFor: passwordAsked, backHref: "/console" }),
  apps: pages.appListPage({
    ...base,
    notice: { kind: "info", text: "It is saved." },
    apps: [
      { ...app, href: "/console/apps/1" },
      { ...app, clientId: "2", href: "/console/apps/2", status: { text: "Off", isOn: false } },
    ],
    homeHref: "/console",
  }),
  "apps-none": pages.appListPage({ ...base, apps: [], homeHref: "/console" }),
  app: pages.appPage(app),
  "app-notice": pages.appPage({ ...app, demo, notice: { kind: "info", text: "The redirect URIs are saved." } }),
  "app-change": pages.clientChangePage(clientChange),
  "app-change-error": pages.clientChangePage({
    ...clientChange,
    notice: wrong("A redirect URI starts with https://.", "redirect_uri_2"),
  }),
  "app-change-pin-error": pages.clientChangePage({ ...clientChange, notice: wrong("Not accepted.", "pin") }),
  "app-secret": pages.clientChangePage(secretChange),
  "app-secret-error": pages.clientChangePage({ ...secretChange, notice: wrong("Not accepted.", "password") }),
  "new-secret": pages.newSecretPage({ ...newSecret, demo }),
  "new-signing-secret": pages.newSecretPage({ ...newSecret, kind: "signing" }),
  "static-ips": pages.staticIpsPage(staticIps),
  "static-ips-error": pages.staticIpsPage({ ...staticIps, notice: wrong("The two must differ.", "secondary_ip") }),
  "static-ips-none": pages.staticIpsPage({ ...staticIps, primary: "", changedAt: undefined }),
  sessions: pages.sessionsPage(sessions),
  "sessions-none": pages.sessionsPage({ ...sessions, apps: [], notice: { kind: "info", text: "Ended." } }),
  activity: pages.activityPage(activity),
  "activity-empty": pages.activityPage({
    ...activity,
    entries: [],
    page: 1,
    newerHref: undefined,
    olderHref: undefined,
  }),
  inbox: pages.inboxPage(inbox),
  "inbox-empty": pages.inboxPage({ ...inbox, messages: [] }),
  start: pages.startPage({ ...start, demo }),
  reference: pages.apiReferencePage(reference),
};
