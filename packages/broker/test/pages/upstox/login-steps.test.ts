import { describe, expect, it } from "vitest";
import { mobileStep, otpStep, pinStep } from "../../../src/pages/index.ts";
import { byId, formsOf, tagsNamed, textOf } from "../_html.ts";
import { consent, flow, form } from "../_views.ts";

const consoleLogin = { ...form, cancelAction: "/console/cancel" };

const steps = [
  {
    step: "mobile",
    render: mobileStep,
    field: "mobileNum",
    name: "mobile_number",
    button: "getOtp",
    progress: "Step 1 of 3",
  },
  { step: "otp", render: otpStep, field: "otpNum", name: "otp", button: "continueBtn", progress: "Step 2 of 3" },
  {
    step: "pin",
    render: (view: typeof flow) => pinStep({ ...view, ...consent }),
    field: "pinCode",
    name: "pin",
    button: "pinContinueBtn",
    progress: "Step 3 of 3",
  },
] as const;

describe.each(steps)("$step step", ({ render, field, name, button, progress }) => {
  it("has the vendor's element ids and the stable field name in its first form", () => {
    const [first = ""] = formsOf(render(flow));
    expect(byId(first, field).attributes.get("name")).toBe(name);
    expect(byId(first, button).attributes.get("type")).toBe("submit");
    expect(tagsNamed(first, "form")[0]?.attributes.get("action")).toBe("/login/step");
  });

  it("goes on with Enter: the first form has one button and decides nothing else", () => {
    const [first = ""] = formsOf(render(flow));
    expect(tagsNamed(first, "button")).toHaveLength(1);
    expect(first).not.toContain('name="decision"');
  });

  it("offers the way out after the main form", () => {
    const last = formsOf(render(flow)).at(-1) ?? "";
    expect(tagsNamed(last, "form")[0]?.attributes.get("action")).toBe("/login/cancel");
    expect(last).toMatch(/<button[^>]* name="decision" value="deny"/);
  });

  it("says how far the person is", () => {
    expect(textOf(render(flow))).toContain(progress);
  });

  it("focuses its field, and ties an error to it", () => {
    const html = render({ ...flow, notice: { kind: "error", text: "Not right. Try again." } } as typeof flow);
    const { attributes } = byId(html, field);
    expect(attributes.has("autofocus")).toBe(true);
    expect(attributes.get("aria-invalid")).toBe("true");
    expect(attributes.get("aria-describedby")?.split(" ")).toContain("notice");
    expect(byId(html, "notice").attributes.get("role")).toBe("alert");
    expect(html).toContain("<title>Error: ");
  });

  it("does not mark the field when the notice is good news", () => {
    const html = render({ ...flow, notice: { kind: "info", text: "We sent a new code." } } as typeof flow);
    expect(byId(html, field).attributes.has("aria-invalid")).toBe(false);
    expect(byId(html, "notice").attributes.get("role")).toBe("status");
    expect(html).not.toContain("<title>Error: ");
  });
});

describe("mobileStep", () => {
  it("names the app and where the person goes afterwards", () => {
    const text = textOf(mobileStep(flow));
    expect(text).toContain("Log in with your Upstox account");
    expect(text).toContain("Demo App 1 asks you to log in. Afterwards you go back to 127.0.0.1:7475 .");
  });

  it("says what a login without an app is for", () => {
    expect(textOf(mobileStep(consoleLogin))).toContain("Log in to manage your account.");
  });

  it("brings the telephone keypad", () => {
    const { attributes } = byId(mobileStep(flow), "mobileNum");
    expect(Object.fromEntries(attributes)).toMatchObject({
      type: "tel",
      inputmode: "numeric",
      autocomplete: "tel-national",
    });
  });
});

describe("otpStep", () => {
  it("fits an SMS and an authenticator app, and does not tell which applies (S-43)", () => {
    const text = textOf(otpStep(flow));
    expect(text).toContain("SMS");
    expect(text).toContain("authenticator app");
  });

  it("can fill the code in from an SMS", () => {
    expect(byId(otpStep(flow), "otpNum").attributes.get("autocomplete")).toBe("one-time-code");
  });

  it("offers to send again, between the main form and the way out", () => {
    const [, resend = "", cancel = ""] = formsOf(otpStep(flow));
    expect(resend).toMatch(/action="\/login\/step".*name="decision" value="resend"/s);
    expect(cancel).toContain('value="deny"');
  });
});

describe("pinStep", () => {
  const html = pinStep({ ...flow, ...consent });

  it("names the app, its redirect host, what it may do and when it ends (S-58)", () => {
    const text = textOf(html);
    expect(text).toContain("Demo App 1 will be able to: See your profile and funds Place, change and cancel orders");
    expect(text).toContain("until 03:30 IST tomorrow, Sat 21 Nov");
    expect(text).toContain("You go back to 127.0.0.1:7475");
    expect(text).toContain("Allow and continue");
  });

  it("lets a screen reader say all of it with the field", () => {
    expect(byId(html, "pinCode").attributes.get("aria-describedby")).toBe("consent");
    expect(byId(html, "consent").name).toBe("section");
  });

  it("hides the PIN and does not ask a password manager to keep it", () => {
    expect(Object.fromEntries(byId(html, "pinCode").attributes)).toMatchObject({
      type: "password",
      inputmode: "numeric",
      autocomplete: "off",
      maxlength: "6",
    });
  });

  it("leads to a new PIN after the main form", () => {
    expect(formsOf(html)[1]).toMatch(/action="\/login\/step".*name="decision" value="forgot_pin"/s);
  });

  it("asks for no consent when no app is involved", () => {
    const text = textOf(pinStep({ ...consoleLogin, ...consent }));
    expect(text).not.toContain("will be able to");
    expect(text).not.toContain("Allow");
    expect(text).toContain("Log in to manage your account.");
  });
});

describe("demo mode", () => {
  it("says so and leads to the inbox without leaving the login", () => {
    const html = otpStep({ ...flow, demo: { inboxHref: "/inbox" } });
    expect(textOf(html)).toContain("Demo mode.");
    expect(html).toContain('<a href="/inbox" target="_blank" rel="noopener">');
  });

  it("is not mentioned otherwise", () => {
    expect(textOf(otpStep(flow))).not.toMatch(/demo mode/i);
  });
});
