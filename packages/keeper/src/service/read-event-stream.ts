/** One message of a server-sent event stream. */
export interface StreamMessage {
  /** Where to continue from; undefined when the message had none. */
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** No message of ours comes near it. */
const LONGEST_LINE = 65_536;

/**
 * Reads messages out of bytes that break anywhere (WHATWG HTML 9.2.6). Comments, which are heartbeats, are skipped.
 * @throws RangeError for a line without end
 */
export async function* readEventStream(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let rest = "";
  let fields = new Map<string, string>();
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new RangeError("a line of the event stream has no end");
    for (const line of lines) {
      if (line !== "") {
        const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line.replace(/\r$/, "")) ?? [];
        fields.set(name, name === "data" && fields.has(name) ? `${fields.get(name)}\n${value}` : value);
        continue;
      }
      const data = fields.get("data");
      if (data !== undefined) yield { id: fields.get("id"), event: fields.get("event") ?? "message", data };
      fields = new Map();
    }
  }
}
