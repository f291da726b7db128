import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newWebhookSecret, signWebhook, verifyWebhook } from "../../src/webhooks/webhook-signature.ts";

// The worked example that the Standard Webhooks libraries share.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const delivery = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const headers = {
  "webhook-id": delivery.id,
  "webhook-timestamp": String(delivery.timestamp),
  "webhook-signature": signature,
};
const verify = (changes: Record<string, string | string[] | undefined> = {}, now = delivery.timestamp) =>
  verifyWebhook({ ...headers, ...changes }, delivery.body, secret, now);

describe("webhook signature (S-71)", () => {
  it("signs the example of the Standard Webhooks libraries, from text or bytes", () => {
    expect(signWebhook(delivery, secret)).toBe(signature);
    expect(signWebhook({ ...delivery, body: Buffer.from(delivery.body) }, secret)).toBe(signature);
  });

  it("verifies what it signed", () => {
    expect(verify()).toBe("valid");
  });

  it("verifies when one of several signatures fits", () => {
    const other = signWebhook(delivery, newWebhookSecret(randomBytes));
    expect(verify({ "webhook-signature": `v1a,abc ${other} ${signature}` })).toBe("valid");
    expect(verify({ "webhook-signature": other })).toBe("mismatch");
  });

  it("refuses a replay after five minutes, and a timestamp five minutes ahead", () => {
    expect(verify({}, delivery.timestamp + 300)).toBe("valid");
    expect(verify({}, delivery.timestamp + 301)).toBe("stale");
    expect(verify({}, delivery.timestamp - 300)).toBe("valid");
    expect(verify({}, delivery.timestamp - 301)).toBe("stale");
  });

  it("refuses another body, id, timestamp or secret", () => {
    const now = delivery.timestamp;
    expect(verifyWebhook(headers, `${delivery.body} `, secret, now)).toBe("mismatch");
    expect(verify({ "webhook-id": "msg_2" })).toBe("mismatch");
    expect(verify({ "webhook-timestamp": String(now + 1) })).toBe("mismatch");
    expect(verifyWebhook(headers, delivery.body, newWebhookSecret(randomBytes), now)).toBe("mismatch");
  });

  it.each([
    ["no id", { "webhook-id": undefined }],
    ["an empty id", { "webhook-id": "" }],
    ["an id that shifts the signed text", { "webhook-id": "msg.1" }],
    ["no timestamp", { "webhook-timestamp": undefined }],
    ["a timestamp that is no number", { "webhook-timestamp": "now" }],
    ["a negative timestamp", { "webhook-timestamp": "-1" }],
    ["no signature", { "webhook-signature": undefined }],
    ["two signature headers", { "webhook-signature": [signature, signature] }],
  ])("calls %s malformed", (_name, changes) => {
    expect(verify(changes)).toBe("malformed");
  });

  it.each(["", "v1", "v1,", "v1,AAAA", signature.slice(3), `v2,${signature.slice(3)}`, `${signature},`])(
    "does not believe the signature %j",
    (value) => {
      expect(verify({ "webhook-signature": value })).not.toBe("valid");
    },
  );

  it("makes secrets of 256 bits from the randomness handed in", () => {
    const made = newWebhookSecret((size) => Buffer.alloc(size, 1));
    expect(made).toBe(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
    expect(newWebhookSecret(randomBytes)).not.toBe(newWebhookSecret(randomBytes));
  });

  it.each([
    "",
    "whsec_",
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_c2hvcnQ=",
    "whsec_not base64 at all, canary, and quite long",
  ])("refuses the malformed secret %j without repeating it", (bad) => {
    expect(() => signWebhook(delivery, bad)).toThrow(TypeError);
    expect(() => signWebhook(delivery, bad)).toThrow(/^(?!.*canary).*$/);
  });

  it("refuses to sign an id with a full stop", () => {
    expect(() => signWebhook({ ...delivery, id: "a.b" }, secret)).toThrow(TypeError);
    expect(() => signWebhook({ ...delivery, id: "" }, secret)).toThrow(TypeError);
  });
});
