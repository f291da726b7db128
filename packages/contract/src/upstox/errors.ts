/**
 * The Upstox error catalogue: code, HTTP status, text. "Status inferred" or "text inferred" marks what the vendor
 * does not publish; such statuses follow design.md section 7, so clients must switch on the code, never on 400
 * against 401. The kill switch reuses 1181 and 1184 to 1188 with other meanings, so a code means something only
 * together with its endpoint. Source: protocol/upstox.md 2.3, 3.3, 5.3, 6, 7.3, 8, 13.
 */
export interface UpstoxErrorSpec {
  readonly status: number;
  readonly message: string;
}

export const upstoxErrors = {
  // Status inferred, also where the broker uses this code for a wrong method or media type (codes unknown).
  UDAPI10000: { status: 400, message: "This request is not supported by Upstox API" },
  UDAPI10005: { status: 429, message: "Too Many Request Sent" },
  // Status inferred, here and for the two below.
  UDAPI100015: { status: 400, message: "API Version does not exist" },
  UDAPI100016: { status: 401, message: "Invalid Credentials" },
  UDAPI100036: { status: 400, message: "Invalid Input" },
  UDAPI100038: { status: 400, message: "Invalid input passed to the API" },
  // Status inferred; the text is a paraphrase.
  UDAPI100049: { status: 403, message: "Access to this API is restricted. Please use the business product." },
  UDAPI100050: { status: 401, message: "Invalid token used to access API" },
  // Reported as 400 and as 401.
  UDAPI100057: { status: 400, message: "Invalid Auth code" },
  // Status inferred.
  UDAPI100058: {
    status: 400,
    message: "No segments for these users are active. Manual reactivation is recommended from Upstox app/web.",
  },
  UDAPI100060: { status: 404, message: "Resource not Found" },
  // Reported as 401 and as 403.
  UDAPI100067: {
    status: 403,
    message: "The API you are trying to access is not permitted with an extended_token",
  },
  // Status inferred (not 2xx is confirmed).
  UDAPI100068: { status: 400, message: "Check your 'client_id' and 'redirect_uri'; one or both are incorrect." },
  // Status and the end of the text inferred.
  UDAPI100069: { status: 401, message: "Check your 'client_id' and 'client_secret'; one or both are incorrect." },
  // Status and text inferred.
  UDAPI100070: { status: 400, message: "Check your 'redirect_uri'; it is incorrect." },
  UDAPI100072: {
    status: 423,
    message: "The Funds service is accessible from 5:30 AM to 12:00 AM IST daily",
  },
  // Status inferred.
  UDAPI100073: { status: 401, message: "Your 'client_id' is inactive." },
  UDAPI100500: { status: 500, message: "Something went wrong... please contact us" },
  UDAPI1017: { status: 400, message: "API Key is required" },
  UDAPI1018: { status: 400, message: "Redirect URI is required" },
  UDAPI1019: { status: 400, message: "segment is invalid" },
  UDAPI1022: { status: 400, message: "Code is required" },
  UDAPI1023: { status: 400, message: "Grant type is required" },
  UDAPI1024: { status: 400, message: "App Secret is required" },
  // Statuses of the token request's four codes inferred; the texts of the last three are paraphrases.
  UDAPI1123: { status: 400, message: "Invalid notifier url" },
  UDAPI1124: { status: 400, message: "Only individual user accounts are allowed" },
  UDAPI1155: { status: 400, message: "App is under review or rejected" },
  UDAPI1157: { status: 400, message: "App is expired" },
  UDAPI1154: { status: 403, message: "Access to this API is blocked due to static IP restrictions." },
  // Statuses of the static IP errors inferred, their texts documented.
  UDAPI1179: { status: 403, message: "You are not allowed to access this app." },
  UDAPI1180: { status: 400, message: "App is inactive." },
  UDAPI1181: { status: 400, message: "Static IP configuration is not available for this application type." },
  UDAPI1182: { status: 400, message: "Primary IP is required." },
  UDAPI1183: { status: 400, message: "Invalid IP." },
  UDAPI1184: { status: 400, message: "Primary and secondary IP must be different." },
  UDAPI1185: { status: 400, message: "Static IP can only be updated once per week." },
  UDAPI1186: { status: 409, message: "Static IP was updated by another request. Please retry." },
  UDAPI1221: {
    status: 401,
    message:
      "The API you are trying to access is permitted only when requested from the static IP configured in your account.",
  },
} as const satisfies Record<string, UpstoxErrorSpec>;

export type UpstoxErrorCode = keyof typeof upstoxErrors;

/** One entry of `errors`: the same facts in both spellings, in the order live bodies have them. */
export interface UpstoxErrorEntry {
  errorCode: string;
  message: string;
  propertyPath: string | null;
  invalidValue: unknown;
  error_code: string;
  property_path: string | null;
  invalid_value: unknown;
}

/** Body of every documented failure. @see protocol/upstox.md 1.6 */
export interface UpstoxErrorBody {
  status: "error";
  errors: UpstoxErrorEntry[];
}
