/** Every page of the broker: a pure function from a view model to an HTML document. Who calls it sets the headers (S-53 to S-55). */
export {
  type ApiDialect,
  type ApiReferenceView,
  apiReferencePage,
} from "./api-reference/api-reference-page.tsx";
export type { ErrorCatalogue } from "./api-reference/errors-by-status.ts";
export { type ApprovalListView, approvalListPage, type PendingApproval } from "./approvals/approval-list.tsx";
export { type ApprovalRequestView, approvalRequestPage } from "./approvals/approval-request.tsx";
export { type ApprovalOutcome, type ApprovalResultView, approvalResultPage } from "./approvals/approval-result.ts";
export { type AccountHomeView, accountHomePage } from "./console/account-home.tsx";
export { type AccountOrdersView, accountOrdersPage, type PlacedBasketView } from "./console/account-orders.tsx";
export { type ActivityEntry, type ActivityView, activityPage } from "./console/activity.tsx";
export { type AppPageView, type AppPanel, appPage } from "./console/app.tsx";
export { type AppListView, type AppStatus, appListPage, type ListedApp } from "./console/app-list.tsx";
export { type ClientChangeView, clientChangePage, type KeptField } from "./console/client-change.tsx";
export { type NewSecretView, newSecretPage } from "./console/new-secret.tsx";
export { type SessionsView, sessionsPage } from "./console/sessions.tsx";
export { type StaticIpsView, staticIpsPage } from "./console/static-ips.tsx";
export {
  type TotpDisableView,
  type TotpEnrolmentView,
  totpDisablePage,
  totpEnrolmentPage,
} from "./console/totp-pages.tsx";
export { displayHost, displayName, displayNameLimit } from "./display-text.ts";
export {
  badRequestPage,
  busyPage,
  clientErrorPage,
  type ErrorView,
  notFoundPage,
  serverErrorPage,
  tooManyRequestsPage,
} from "./error-pages.tsx";
export { type DemoCustomer, type DemoPeople, type InboxMessage, type InboxView, inboxPage } from "./inbox-page.tsx";
export { type MessageView, messagePage, type Tone } from "./message-page.tsx";
export type { OrderLineView } from "./order-list.tsx";
export type { ConsentView, FlowView, FormView, Notice, PageView } from "./page-view.ts";
export { recoveryCodeStep } from "./recovery-steps.tsx";
export { type StartLink, type StartView, startPage } from "./start-page.tsx";
export { type ApproveStepView, approveStep } from "./tradejini/approve-step.tsx";
export { type PasswordStepView, passwordStep, type TwoFaStepView, twoFaStep } from "./tradejini/login-steps.tsx";
export { newPasswordStep, recoveryAccountStep } from "./tradejini/recovery-steps.tsx";
export {
  type MobileStepView,
  mobileStep,
  type OtpStepView,
  otpStep,
  type PinStepView,
  pinStep,
} from "./upstox/login-steps.tsx";
export { recoveryNewPinStep, recoveryPanStep } from "./upstox/pin-recovery-steps.tsx";
