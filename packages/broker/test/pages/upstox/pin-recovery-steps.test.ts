import { describe, expect, it } from "vitest";
import { recoveryCodeStep, recoveryNewPinStep, recoveryPanStep } from "../../../src/pages/index.ts";
import { byId, formsOf, tagsNamed, textOf } from "../_html.ts";
import { flow } from "../_views.ts";

const namesIn = (form: string) => tagsNamed(form, "input").map((input) => input.attributes.get("name"));

describe("PIN recovery", () => {
  it.each([
    ["PAN", recoveryPanStep, ["csrf", "pan"]],
    ["code", recoveryCodeStep, ["csrf", "otp"]],
    ["new PIN", recoveryNewPinStep, ["csrf", "pin", "pin_again"]],
  ] as const)("asks for the %s in the first form and can be cancelled after it", (_step, render, names) => {
    const forms = formsOf(render(flow));
    expect(namesIn(forms[0] ?? "")).toEqual(names);
    expect(forms.at(-1)).toContain('value="deny"');
  });

  it("takes a PAN of ten characters in either case", () => {
    const { attributes } = byId(recoveryPanStep(flow), "panNum");
    expect(attributes.get("maxlength")).toBe("10");
    const pattern = new RegExp(`^(?:${attributes.get("pattern")})$`);
    expect("ABCPE1234F").toMatch(pattern);
    expect("abcpe1234f").toMatch(pattern);
    expect("ABCPE12345").not.toMatch(pattern);
  });

  it("does not say whether the PAN matched (S-43)", () => {
    expect(textOf(recoveryCodeStep(flow))).toContain("If the PAN matches your account");
  });

  it("can send the code again", () => {
    expect(formsOf(recoveryCodeStep(flow))[1]).toContain('name="decision" value="resend"');
  });

  it("moves focus and error to the field the notice names", () => {
    const html = recoveryNewPinStep({
      ...flow,
      notice: { kind: "error", text: "The PINs differ.", field: "pin_again" },
    });
    expect(byId(html, "newPinAgain").attributes.get("aria-invalid")).toBe("true");
    expect(byId(html, "newPinAgain").attributes.has("autofocus")).toBe(true);
    expect(byId(html, "newPin").attributes.has("aria-invalid")).toBe(false);
    expect(byId(html, "newPin").attributes.has("autofocus")).toBe(false);
  });
});
