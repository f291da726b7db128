import type { LoginFlow } from "../login/login-flow.ts";
import { takeStep } from "../login/take-step.ts";
import { LOGIN_PATH, tradejini } from "./identity.ts";
import { tradejiniSteps } from "./login-steps.ts";
import { loginPage } from "./login-views.ts";

export const tradejiniLogin: LoginFlow = {
  identity: tradejini,
  path: LOGIN_PATH,
  takeStep: (input) => takeStep(tradejiniSteps, input),
  page: loginPage,
};
