import type { Notice } from "../pages/index.ts";
import type { LoginNotice } from "./login-request.ts";

export type NoticeTexts = Readonly<Partial<Record<LoginNotice, Notice>>>;

export const errorNotice = (text: string, field?: string): Notice => ({ kind: "error", text, field });
export const infoNotice = (text: string): Notice => ({ kind: "info", text });

/** Notices that every broker's pages say alike. */
export const sharedNotices = {
  "otp-malformed": errorNotice("The code has 6 digits. Check it and enter it again."),
  wait: errorNotice("There were too many wrong tries. Wait a while, then try again."),
  "form-used": infoNotice("That form was sent before. This is where your login stands."),
  restarted: infoNotice("Something was out of order, so the login starts again."),
} as const satisfies NoticeTexts;
