import { describe, expect, it } from "vitest";
import { approveStep, passwordStep, twoFaStep } from "../../../src/pages/index.ts";
import { byId, formsOf, tagsNamed, textOf } from "../_html.ts";
import { consent, tradejiniFlow as flow, form, orders } from "../_views.ts";

const consoleLogin = { ...form, brokerName: "Tradejini", cancelAction: "/console/cancel" };

describe("passwordStep", () => {
  it("asks for client code and password under the stable names, and names the app", () => {
    const html = passwordStep(flow);
    expect(byId(html, "clientCode").attributes.get("name")).toBe("client_code");
    expect(byId(html, "password").attributes.get("name")).toBe("password");
    expect(textOf(html)).toContain("Demo App 1 asks you to log in. Afterwards you go back to 127.0.0.1:7475 .");
  });

  it("lets a password manager fill both in, and hides the password", () => {
    const html = passwordStep(flow);
    expect(byId(html, "clientCode").attributes.get("autocomplete")).toBe("username");
    expect(Object.fromEntries(byId(html, "password").attributes)).toMatchObject({
      type: "password",
      autocomplete: "current-password",
    });
  });

  it("points an error at the client code", () => {
    const html = passwordStep({ ...flow, notice: { kind: "error", text: "Not right." } });
    expect(byId(html, "clientCode").attributes.get("aria-invalid")).toBe("true");
    expect(byId(html, "notice").attributes.get("role")).toBe("alert");
  });

  it("says what a login without an app is for", () => {
    expect(textOf(passwordStep(consoleLogin))).toContain("Log in to manage your account.");
  });
});

describe("twoFaStep", () => {
  const choices = (html: string) =>
    tagsNamed(html, "input")
      .filter((input) => input.attributes.get("name") === "two_fa_type")
      .map(({ attributes }) => [attributes.get("value"), attributes.has("checked")]);

  it("chooses the authenticator until an SMS was asked for", () => {
    expect(choices(twoFaStep({ ...flow, chosen: "totp" }))).toEqual([
      ["totp", true],
      ["otp", false],
    ]);
    expect(choices(twoFaStep({ ...flow, chosen: "otp" }))).toEqual([
      ["totp", false],
      ["otp", true],
    ]);
  });

  it("offers an SMS between the main form and the way out", () => {
    const [main = "", sms = "", cancel = ""] = formsOf(twoFaStep({ ...flow, chosen: "totp" }));
    expect(main).toContain('name="two_fa"');
    expect(sms).toMatch(/name="decision" value="send_otp"/);
    expect(cancel).toContain('value="deny"');
  });
});

describe("approveStep", () => {
  it("names the app, what it may do, when that ends and where one goes (S-58)", () => {
    const text = textOf(approveStep({ ...flow, ...consent }));
    expect(text).toContain("Allow access?");
    expect(text).toContain("Demo App 1 will be able to: See your profile and funds Place, change and cancel orders");
    expect(text).toContain("until 03:30 IST tomorrow, Sat 21 Nov");
    expect(text).toContain("You go back to 127.0.0.1:7475");
  });

  it("has approve in the first form and deny in the second", () => {
    const [approve = "", deny = ""] = formsOf(approveStep({ ...flow, ...consent, orders }));
    expect(approve).toMatch(/name="decision" value="approve"/);
    expect(deny).toMatch(/name="decision" value="deny"/);
  });

  it("carries the decision and the form token and nothing of the orders (S-59)", () => {
    const html = approveStep({ ...flow, ...consent, orders });
    const names = new Set(tagsNamed(html, "input").map((input) => input.attributes.get("name")));
    expect([...names]).toEqual(["csrf"]);
  });

  it("shows every word of every order, in the order they are placed", () => {
    const text = textOf(approveStep({ ...flow, ...consent, orders }));
    expect(text).toContain("Place these 2 orders?");
    expect(text).toContain("Buy 10 × ACC Exchange NSE Price limit ₹ 2700.55 Product intraday Validity day Series EQ");
    expect(text).toContain(
      "Sell 1500 × BANKNIFTY 2022-11-24 34000 PE Exchange NFO Price at market price Product delivery Validity ioc Market protection, % 5",
    );
    expect(text.indexOf("ACC")).toBeLessThan(text.indexOf("BANKNIFTY"));
  });

  it("speaks of one order as one", () => {
    const text = textOf(approveStep({ ...flow, ...consent, orders: orders.slice(0, 1) }));
    expect(text).toContain("Place this order?");
    expect(text).toContain("Place the order and allow access");
    expect(text).not.toMatch(/\ball\b/);
  });
});
