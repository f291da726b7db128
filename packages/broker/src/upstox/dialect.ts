import { upstoxErrorSchema, upstoxErrors, upstoxNotifierWebhook, upstoxRoutes } from "@kunji/contract/upstox";
import type { Dialect } from "../dialect.ts";
import { registerLoginPages } from "../login/login-pages.ts";
import { upstoxStaticIps } from "./account-ips.ts";
import { registerAuthorize } from "./authorize.ts";
import { describeUpstoxFault, UpstoxError, upstoxErrorBody } from "./error-body.ts";
import { registerFunds } from "./funds.ts";
import { LOGIN_PATH, upstox } from "./identity.ts";
import { upstoxLogin } from "./login-flow.ts";
import { registerLogout } from "./logout.ts";
import { registerProfile } from "./profile.ts";
import { readProfile } from "./profile-data.ts";
import { upstoxRegistration } from "./registration.ts";
import { registerStaticIps } from "./static-ips.ts";
import { registerToken } from "./token.ts";
import { notifierMessage, registerTokenRequest } from "./token-request.ts";
import { upstoxTokenRules } from "./token-rules.ts";

const PREFIXES = ["/v2/login/", "/v2/logout", "/v2/user/", "/v3/"];

export const upstoxDialect: Dialect = {
  ...upstox,
  loginPath: LOGIN_PATH,
  tokenRules: upstoxTokenRules,
  registration: upstoxRegistration,
  notifierMessage,
  staticIps: upstoxStaticIps,
  accountName: (profile) => readProfile(profile).user_name,
  owns: (path) => PREFIXES.some((prefix) => path.startsWith(prefix)),
  describeFault: describeUpstoxFault,
  describeError(error) {
    if (!(error instanceof UpstoxError)) return undefined;
    return {
      status: error.status,
      body: upstoxErrorBody(error.problems),
      retryAfterSeconds: error.retryAfterSeconds,
    };
  },
  register(app, context) {
    registerAuthorize(app, context);
    registerLoginPages(app, context, upstoxLogin);
    registerToken(app, context);
    registerLogout(app, context);
    registerTokenRequest(app, context);
    registerProfile(app, context);
    registerFunds(app, context);
    registerStaticIps(app, context);
  },
  routes: upstoxRoutes,
  webhooks: [upstoxNotifierWebhook],
  errors: upstoxErrors,
  errorSchema: upstoxErrorSchema,
  oauth: { authorizationPath: upstoxRoutes.authorize.path, tokenPath: upstoxRoutes.token.path },
};
