import type { FromSchema } from "@kunji/contract";
import type {
  UpstoxErrorBody,
  UpstoxFundsResponse,
  UpstoxFundsV3Response,
  UpstoxIndieUserInitTokenResponse,
  UpstoxIndieUserTokenRequest,
  UpstoxLogoutResponse,
  UpstoxNotifierMessage,
  UpstoxProfileResponse,
  UpstoxTokenRequest,
  UpstoxTokenResponse,
  UpstoxUpdateUserIpRequest,
  UpstoxUserIpResponse,
  upstoxErrorSchema,
  upstoxFundsResponseSchema,
  upstoxFundsV3ResponseSchema,
  upstoxIndieUserInitTokenResponseSchema,
  upstoxIndieUserTokenRequestSchema,
  upstoxLogoutResponseSchema,
  upstoxNotifierMessageSchema,
  upstoxProfileResponseSchema,
  upstoxTokenRequestSchema,
  upstoxTokenResponseSchema,
  upstoxUpdateUserIpRequestSchema,
  upstoxUserIpResponseSchema,
} from "@kunji/contract/upstox";
import { describe, expectTypeOf, it } from "vitest";

// Checked by tsc, not at run time: each hand-written wire type equals its schema.
describe("wire types", () => {
  it("equal their schemas", () => {
    expectTypeOf<FromSchema<typeof upstoxErrorSchema>>().toEqualTypeOf<UpstoxErrorBody>();
    expectTypeOf<FromSchema<typeof upstoxTokenRequestSchema>>().toEqualTypeOf<UpstoxTokenRequest>();
    expectTypeOf<FromSchema<typeof upstoxTokenResponseSchema>>().toEqualTypeOf<UpstoxTokenResponse>();
    expectTypeOf<FromSchema<typeof upstoxLogoutResponseSchema>>().toEqualTypeOf<UpstoxLogoutResponse>();
    expectTypeOf<FromSchema<typeof upstoxIndieUserTokenRequestSchema>>().toEqualTypeOf<UpstoxIndieUserTokenRequest>();
    expectTypeOf<
      FromSchema<typeof upstoxIndieUserInitTokenResponseSchema>
    >().toEqualTypeOf<UpstoxIndieUserInitTokenResponse>();
    expectTypeOf<FromSchema<typeof upstoxNotifierMessageSchema>>().toEqualTypeOf<UpstoxNotifierMessage>();
    expectTypeOf<FromSchema<typeof upstoxProfileResponseSchema>>().toEqualTypeOf<UpstoxProfileResponse>();
    expectTypeOf<FromSchema<typeof upstoxFundsResponseSchema>>().toEqualTypeOf<UpstoxFundsResponse>();
    expectTypeOf<FromSchema<typeof upstoxFundsV3ResponseSchema>>().toEqualTypeOf<UpstoxFundsV3Response>();
    expectTypeOf<FromSchema<typeof upstoxUserIpResponseSchema>>().toEqualTypeOf<UpstoxUserIpResponse>();
    expectTypeOf<FromSchema<typeof upstoxUpdateUserIpRequestSchema>>().toEqualTypeOf<UpstoxUpdateUserIpRequest>();
  });

  it("leave optional what a body may lack", () => {
    expectTypeOf<UpstoxTokenResponse["ddpi"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<UpstoxTokenResponse["extended_token"]>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<UpstoxTokenRequest["refresh_extended_token"]>().toEqualTypeOf<"true" | "false" | undefined>();
  });
});
