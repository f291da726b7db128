import { tradejiniErrorSchema, tradejiniErrors, tradejiniRoutes } from "@kunji/contract/tradejini";
import type { Dialect } from "../dialect.ts";
import { registerLoginPages } from "../login/login-pages.ts";
import { registerAuthorize } from "./authorize.ts";
import { registerDetails } from "./details.ts";
import { describeTradejiniFault, TradejiniError } from "./error-body.ts";
import { LOGIN_PATH, tradejini } from "./identity.ts";
import { registerIndividualToken } from "./individual-token.ts";
import { registerLimits } from "./limits.ts";
import { tradejiniLogin } from "./login-flow.ts";
import { registerLogout } from "./logout.ts";
import { registerOrderConnect } from "./order-connect.ts";
import { orderLine } from "./order-line.ts";
import { registerOrders } from "./orders.ts";
import { readProfile } from "./profile-data.ts";
import { tradejiniRegistration } from "./registration.ts";
import { registerToken } from "./token.ts";
import { tradejiniTokenRules } from "./token-rules.ts";
import { createZones } from "./zones.ts";

const ROOTS = ["/v2/api-gw", "/v2/api"];

export const tradejiniDialect: Dialect = {
  ...tradejini,
  loginPath: LOGIN_PATH,
  tokenRules: tradejiniTokenRules,
  registration: tradejiniRegistration,
  accountName: (profile) => readProfile(profile).userName,
  owns: (path) => ROOTS.some((root) => path === root || path.startsWith(`${root}/`)),
  describeFault: describeTradejiniFault,
  describeError(error) {
    if (!(error instanceof TradejiniError)) return undefined;
    return { status: error.status, body: error.body, retryAfterSeconds: error.retryAfterSeconds };
  },
  register(app, context) {
    const zones = createZones(context);
    registerAuthorize(app, context, zones);
    registerOrderConnect(app, context, zones);
    registerLoginPages(app, context, tradejiniLogin);
    registerToken(app, context, zones);
    registerIndividualToken(app, context, zones);
    registerDetails(app, context, zones);
    registerLogout(app, context, zones);
    registerLimits(app, context, zones);
    registerOrders(app, context, zones);
  },
  orderLine,
  routes: tradejiniRoutes,
  errors: tradejiniErrors,
  errorSchema: tradejiniErrorSchema,
  oauth: { authorizationPath: tradejiniRoutes.authorize.path, tokenPath: tradejiniRoutes.getAccessToken.path },
};
