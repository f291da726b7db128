import type { Style } from "./style.ts";

/** Where progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly write: (text: string) => unknown;
}

/** One line that says what is going on, redrawn in place; nothing at all without a terminal. */
export interface Progress {
  readonly say: (text: string) => void;
  /** Prints something that stays, above the line. */
  readonly above: (text: string) => void;
  readonly stop: () => void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const CLEAR_LINE = "\r\u001b[2K";

/** @param output usually stderr: results go to stdout */
export function createProgress(output: ProgressOutput, style: Style): Progress {
  let text = "";
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const isShown = output.isTTY === true;
  const draw = () => {
    output.write(`${CLEAR_LINE}${style.cyan(FRAMES[frame % FRAMES.length] ?? "")} ${text}`);
    frame++;
  };
  return {
    say(next) {
      text = next;
      if (!isShown) return;
      draw();
      timer ??= setInterval(draw, FRAME_MS).unref();
    },
    above(lines) {
      output.write(timer ? `${CLEAR_LINE}${lines}\n` : `${lines}\n`);
      if (timer) draw();
    },
    stop() {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      output.write(CLEAR_LINE);
    },
  };
}
