import * as client from "@kunji/client";
import { expect, it } from "vitest";
import * as kunji from "../src/index.ts";

it("`kunji` has all that the client has", () => {
  expect(Object.keys(kunji).sort()).toEqual(Object.keys(client).sort());
  expect(kunji.UpstoxClient.LoginApi).toBe(client.UpstoxClient.LoginApi);
});
