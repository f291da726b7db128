/**
 * The enumerations of the generated TypeScript SDK, by its names.
 */

export const AuthorizeResponseTypeEnum = Object.freeze({ Code: "code" } as const);
export type AuthorizeResponseTypeEnum = "code";

export const AuthorizeScopeEnum = Object.freeze({ General: "general" } as const);
export type AuthorizeScopeEnum = "general";

export const OrderAuthorizeResponseTypeEnum = AuthorizeResponseTypeEnum;
export type OrderAuthorizeResponseTypeEnum = AuthorizeResponseTypeEnum;

export const OrderAuthorizeScopeEnum = AuthorizeScopeEnum;
export type OrderAuthorizeScopeEnum = AuthorizeScopeEnum;

export const GetAccessTokenGrantTypeEnum = Object.freeze({ AuthorizationCode: "authorization_code" } as const);
export type GetAccessTokenGrantTypeEnum = "authorization_code";

export const UpdatedIndividualTokenTwoFaTypEnum = Object.freeze({ Otp: "otp", Totp: "totp" } as const);
export type UpdatedIndividualTokenTwoFaTypEnum = "otp" | "totp";
