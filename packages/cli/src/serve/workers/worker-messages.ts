import type { MetricData } from "@kunji/broker";
import type { ExitCode } from "../../command-error.ts";

/** What the parent tells a worker. */
export type ToWorker =
  /** `port` as `listen()` takes it. With 0 Node gives all workers that live at the same time one and the same. */
  | { readonly kind: "start"; readonly port: number }
  | { readonly kind: "stop" }
  /** No worker takes connections any more, so clients may be told to close theirs. */
  | { readonly kind: "drain" }
  | { readonly kind: "count"; readonly id: number }
  /** Asks whether it is there. */
  | { readonly kind: "ping" }
  /** The answer to `scrape`. */
  | { readonly kind: "metrics"; readonly id: number; readonly text: string };

/** What a worker tells the parent. */
export type ToParent =
  /** Asks for `start`: what the parent says before anybody listens here is lost. */
  | { readonly kind: "waiting" }
  | { readonly kind: "ready"; readonly url: string; readonly port: number }
  | { readonly kind: "cannot-start"; readonly exitCode: ExitCode; readonly message: string }
  /** It takes no more connections and waits for `drain`. */
  | { readonly kind: "deaf" }
  /** Nothing it writes can be trusted any more, and nothing of the others either (S-119). */
  | { readonly kind: "store-failed" }
  | { readonly kind: "pong" }
  /** Somebody asked this worker for the metrics of all. */
  | { readonly kind: "scrape"; readonly id: number }
  /** The answer to `count`. */
  | { readonly kind: "counted"; readonly id: number; readonly metrics: MetricData };
