import { describe, expect, it } from "vitest";
import { httpOrderGateway } from "../../src/orders/http-order-gateway.ts";
import type { ApprovedBasket } from "../../src/orders/order-gateway.ts";

const basket: ApprovedBasket = {
  basketKey: "0192f0a0b0c0d0e0f0a0b0c0",
  dialect: "tradejini",
  userId: "TJ00001",
  clientId: "5b0f9d7ce1a24c3e9a6d80b4f7132ce8",
  orders: [{ symbol: "ACC" }, { symbol: "INFY" }],
};

type Fetch = (url: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

const gateway = (fetch: Fetch, credential?: readonly [string, string]) =>
  httpOrderGateway({ url: new URL("https://gateway.test/orders"), credential, fetch });

const place = (answer: () => Response | Promise<Response>) => gateway(async () => await answer()).place(basket);

/** What `fetch` throws, with what really happened as the cause. */
const fetchFailed = (code: string) => Promise.reject(new TypeError("fetch failed", { cause: { code } }));

const ourIds = [`${basket.basketKey}-1`, `${basket.basketKey}-2`];

describe("httpOrderGateway", () => {
  it("posts the basket once as JSON, with its key for repetitions and the operator's credential", async () => {
    const seen: Request[] = [];
    const fetch: Fetch = async (url, init) => {
      seen.push(new Request(url, init));
      return new Response(null, { status: 204 });
    };
    await gateway(fetch, ["x-api-key", "secret"]).place(basket);
    expect(seen).toHaveLength(1);
    const [request] = seen;
    expect([request?.method, request?.url, request?.redirect]).toEqual([
      "POST",
      "https://gateway.test/orders",
      "manual",
    ]);
    expect(request?.headers.get("idempotency-key")).toBe(basket.basketKey);
    expect(request?.headers.get("x-api-key")).toBe("secret");
    expect(await request?.json()).toEqual(basket);
  });

  it("does not send what baskets may hold one day", async () => {
    let body = "";
    const fetch: Fetch = async (_url, init) => {
      body = String(init?.body);
      return new Response();
    };
    await gateway(fetch).place({ ...basket, pan: "AAAAA0000A" } as ApprovedBasket);
    expect(body).not.toContain("AAAAA0000A");
  });

  it("takes the gateway's order ids", async () => {
    const answer = () => Response.json({ orderIds: ["A-1", "A-2"] });
    expect(await place(answer)).toEqual({ outcome: "placed", orderIds: ["A-1", "A-2"] });
  });

  it.each([
    ["none", () => new Response(null, { status: 202 })],
    ["no JSON", () => new Response("ok")],
    ["too few", () => Response.json({ orderIds: ["A-1"] })],
    ["no text", () => Response.json({ orderIds: [1, 2] })],
    ["a line break", () => Response.json({ orderIds: ["A\n1", "A2"] })],
    ["null", () => Response.json(null)],
    ["an answer without end", () => new Response(`{"x":"${"a".repeat(70_000)}"}`)],
  ])("makes up ids when the gateway gives %s: the orders are taken all the same", async (_name, answer) => {
    expect(await place(answer)).toEqual({ outcome: "placed", orderIds: ourIds });
  });

  it("counts orders as taken when the answer breaks off after its status", async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("reset")) });
    expect(await place(() => new Response(broken))).toEqual({ outcome: "placed", orderIds: ourIds });
  });

  it.each([400, 401, 403, 404, 409, 422, 429])("reads %i as none taken", async (status) => {
    expect(await place(() => new Response("no", { status }))).toEqual({ outcome: "refused" });
  });

  it.each([302, 307, 500, 502, 503, 504])("leaves %i open", async (status) => {
    expect(await place(() => new Response(null, { status }))).toEqual({ outcome: "unknown" });
  });

  it("knows that nothing was taken when it never connected", async () => {
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"]) {
      expect(await place(() => fetchFailed(code))).toEqual({ outcome: "refused" });
    }
  });

  it("leaves it open when the connection broke or nobody answered in time", async () => {
    for (const code of ["ECONNRESET", "UND_ERR_SOCKET", "ETIMEDOUT"]) {
      expect(await place(() => fetchFailed(code))).toEqual({ outcome: "unknown" });
    }
    const timeout = () => AbortSignal.abort(new DOMException("late", "TimeoutError"));
    const late = httpOrderGateway({ url: new URL("https://gateway.test/"), credential: undefined, fetch, timeout });
    expect(await late.place(basket)).toEqual({ outcome: "unknown" });
  });
});
