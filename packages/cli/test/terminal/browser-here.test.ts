import { describe, expect, it } from "vitest";
import { canAskPerson, type Surroundings } from "../../src/terminal/browser-here.ts";

const desk: Surroundings = {
  platform: "linux",
  env: { DISPLAY: ":0" },
  stdin: { isTTY: true },
  stdout: { isTTY: true },
};

describe("whether a person is asked to log in", () => {
  it.each<[string, Partial<Surroundings>, boolean]>([
    ["a Linux desktop", {}, true],
    ["Wayland", { env: { WAYLAND_DISPLAY: "wayland-0" } }, true],
    ["a Mac", { platform: "darwin", env: {} }, true],
    ["a Linux machine without a screen", { env: {} }, false],
    ["somebody else's machine", { env: { DISPLAY: ":0", SSH_CONNECTION: "1 2 3 4" } }, false],
    ["a build machine", { env: { DISPLAY: ":0", CI: "true" } }, false],
    ["input from a file", { stdin: {} }, false],
    ["output into a file", { stdout: { isTTY: false } }, false],
  ])("%s", (_name, change, expected) => {
    expect(canAskPerson({ ...desk, ...change })).toBe(expected);
  });
});
