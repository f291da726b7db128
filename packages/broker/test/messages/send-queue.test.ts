import { describe, expect, it } from "vitest";
import { MessageError, type MessageSender, type OutgoingMessage } from "../../src/messages/message-sender.ts";
import { type SendFailure, SendQueue, SendQueueFull, type SendQueueOptions } from "../../src/messages/send-queue.ts";
import { canaries, everythingIn, message } from "./_message.ts";

const numbered = (n: number): OutgoingMessage => ({ ...message, text: `message ${n}` });

function setUp(send: MessageSender["send"], options: Partial<SendQueueOptions> = {}) {
  const failures: SendFailure[] = [];
  const sender: MessageSender = { kind: "smtp", send };
  const queue = new SendQueue({ sender, onFailure: (failure) => failures.push(failure), ...options });
  return { queue, failures };
}

/** A sender whose messages stay under way until the test lets them go. */
function heldSender() {
  const underWay: { message: OutgoingMessage; settle: () => void }[] = [];
  let arrived = () => {};
  const send: MessageSender["send"] = (taken, signal) =>
    new Promise((resolve, reject) => {
      underWay.push({ message: taken, settle: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      arrived();
    });
  const whenUnderWay = async (count: number) => {
    while (underWay.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  return { underWay, send, whenUnderWay };
}

describe("send queue", () => {
  it("sends what it takes, in order", async () => {
    const texts: string[] = [];
    const { queue } = setUp(async ({ text }) => void texts.push(text), { concurrency: 1 });
    for (let n = 1; n <= 3; n++) expect(queue.enqueue(numbered(n))).toBe(true);
    await queue.idle();
    expect(texts).toEqual(["message 1", "message 2", "message 3"]);
    expect(queue.counts).toEqual({ pending: 0, sent: 3, failed: 0, refused: 0 });
  });

  it("starts no sending while the request that enqueues is still at work (S-43)", async () => {
    let started = 0;
    const { queue } = setUp(async () => {
      started += 1;
    });
    queue.enqueue(message);
    expect(started).toBe(0);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(started).toBe(0);
    await queue.idle();
    expect(started).toBe(1);
  });

  it("has no more under way than it may", async () => {
    const { underWay, send, whenUnderWay } = heldSender();
    const { queue } = setUp(send, { concurrency: 2 });
    for (let n = 1; n <= 3; n++) queue.enqueue(numbered(n));
    await whenUnderWay(2);
    expect(queue.counts.pending).toBe(3);
    expect(underWay).toHaveLength(2);
    underWay[0]?.settle();
    await whenUnderWay(3);
    expect(underWay[2]?.message.text).toBe("message 3");
    for (const { settle } of underWay) settle();
    await queue.idle();
    expect(queue.counts.sent).toBe(3);
  });

  it("refuses when it is full, and drops nothing it has taken (S-127)", async () => {
    const texts: string[] = [];
    const { queue } = setUp(async ({ text }) => void texts.push(text), { capacity: 2 });
    expect([1, 2, 3, 4].map((n) => queue.enqueue(numbered(n)))).toEqual([true, true, false, false]);
    await queue.idle();
    expect(texts).toEqual(["message 1", "message 2"]);
    expect(queue.counts).toEqual({ pending: 0, sent: 2, failed: 0, refused: 2 });
    expect(queue.enqueue(message)).toBe(true);
  });

  it("counts and reports failures without text or address, and goes on (S-96)", async () => {
    const faults = [
      new MessageError("REFUSED", "The mail server did not accept the message.", "SMTP 550"),
      new Error(`could not send ${message.text} to ${canaries.email}`),
    ];
    const { queue, failures } = setUp(async () => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
    });
    for (let n = 1; n <= 3; n++) queue.enqueue(message);
    await queue.idle();
    expect(failures).toEqual([
      { sender: "smtp", kind: "sms", code: "REFUSED", detail: "SMTP 550" },
      { sender: "smtp", kind: "sms", code: "UNEXPECTED", detail: undefined },
    ]);
    expect(everythingIn(failures)).not.toMatch(/314159|canary|9000000001/);
    expect(queue.counts).toEqual({ pending: 0, sent: 1, failed: 2, refused: 0 });
  });

  it("goes on when a sender throws at once and when the report throws", async () => {
    const sender: MessageSender = {
      kind: "gateway",
      send: () => {
        throw new Error("at once");
      },
    };
    const queue = new SendQueue({
      sender,
      onFailure: () => {
        throw new Error("no log");
      },
    });
    queue.enqueue(message);
    queue.enqueue(message);
    await queue.idle();
    expect(queue.counts).toEqual({ pending: 0, sent: 0, failed: 2, refused: 0 });
  });

  it("is idle from the start, and every waiter hears of it", async () => {
    const { queue } = setUp(async () => {});
    await queue.idle();
    queue.enqueue(message);
    await Promise.all([queue.idle(), queue.idle()]);
    expect(queue.counts.sent).toBe(1);
  });
});

describe("send queue: places that are kept (S-124)", () => {
  it("are there for the messages of the work, even when the queue has filled meanwhile", async () => {
    const texts: string[] = [];
    const { queue } = setUp(async ({ text }) => void texts.push(text), { capacity: 3, concurrency: 1 });
    await queue.withPlaces(2, async (send) => {
      expect([queue.enqueue(numbered(1)), queue.enqueue(numbered(2))]).toEqual([true, false]);
      send(numbered(3));
      send(numbered(4));
    });
    await queue.idle();
    expect(texts).toEqual(["message 1", "message 3", "message 4"]);
  });

  it("are refused before the work is begun when there are too few", async () => {
    const { queue } = setUp(async () => {}, { capacity: 1 });
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(queue.withPlaces(2, work)).rejects.toThrow(SendQueueFull);
    expect(() => queue.requireRoom(2)).toThrow(SendQueueFull);
    expect(begun).toBe(false);
    expect(queue.counts).toEqual({ pending: 0, sent: 0, failed: 0, refused: 2 });
    await queue.withPlaces(1, work);
    expect(begun).toBe(true);
  });

  it("stay taken until their turn when they are not used, like those of a message (S-43)", async () => {
    const { underWay, send, whenUnderWay } = heldSender();
    const { queue } = setUp(send, { capacity: 2, concurrency: 1 });
    queue.enqueue(numbered(1));
    await whenUnderWay(1);
    await queue.withPlaces(1, async () => {});
    await queue.withPlaces(1, async (put) => put(numbered(2)));
    expect(queue.enqueue(numbered(3))).toBe(false);
    underWay[0]?.settle();
    await whenUnderWay(2);
    expect(underWay[1]?.message.text).toBe("message 2");
    underWay[1]?.settle();
    await queue.idle();
    expect(queue.counts).toEqual({ pending: 0, sent: 2, failed: 0, refused: 1 });
  });

  it("that nobody used leave the queue idle", async () => {
    const { queue } = setUp(async () => {});
    await queue.withPlaces(3, async () => {});
    await queue.idle();
    expect(queue.counts.pending).toBe(0);
  });

  it("are free again when the work fails, but for what it has sent", async () => {
    const { queue } = setUp(async () => {}, { capacity: 2 });
    const failing = queue.withPlaces(2, async (send) => {
      send(message);
      throw new Error("the store has failed");
    });
    await expect(failing).rejects.toThrow("the store has failed");
    expect(queue.enqueue(message)).toBe(true);
    expect(queue.enqueue(message)).toBe(false);
    await queue.idle();
    expect(queue.counts.sent).toBe(2);
  });

  it("take no more messages than were asked for", async () => {
    const { queue } = setUp(async () => {});
    const greedy = queue.withPlaces(1, async (send) => {
      send(message);
      send(message);
    });
    await expect(greedy).rejects.toThrow(RangeError);
  });
});

describe("send queue: closing", () => {
  it("takes nothing more and sends what it has", async () => {
    const { queue } = setUp(async () => {});
    queue.enqueue(message);
    const closing = queue.close();
    expect(queue.enqueue(message)).toBe(false);
    await closing;
    expect(queue.counts).toEqual({ pending: 0, sent: 1, failed: 0, refused: 1 });
  });

  it("gives up what is left when the time is over, and reports each", async () => {
    const { send, whenUnderWay } = heldSender();
    const { queue, failures } = setUp(send, { concurrency: 1 });
    queue.enqueue(message);
    queue.enqueue(message);
    await whenUnderWay(1);
    const limit = new AbortController();
    const closing = queue.close(limit.signal);
    limit.abort(new Error("time is over"));
    await closing;
    expect(failures).toHaveLength(2);
    expect(queue.counts).toEqual({ pending: 0, sent: 0, failed: 2, refused: 0 });
  });
});
