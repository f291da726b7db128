import type { LoginFlow } from "../login/login-flow.ts";
import { takeStep } from "../login/take-step.ts";
import { LOGIN_PATH, upstox } from "./identity.ts";
import { upstoxSteps } from "./login-steps.ts";
import { loginPage } from "./login-views.ts";

export const upstoxLogin: LoginFlow = {
  identity: upstox,
  path: LOGIN_PATH,
  takeStep: (input) => takeStep(upstoxSteps, input),
  page: loginPage,
};
