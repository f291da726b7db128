/**
 * The Upstox error catalogue: code, HTTP status, text. Statuses the vendor does not document follow design.md
 * section 7. The kill switch reuses 1181 and 1184 to 1188 with other meanings, so a code means something only
 * together with its endpoint. Source: protocol/upstox.md 2.3, 3.3, 5.3, 6, 7.3, 8, 13.
 */
export interface UpstoxErrorSpec {
  readonly status: number;
  readonly message: string;
}

export const upstoxErrors = {
  UDAPI10000: { status: 400, message: "This request is not supported by Upstox API" },
  UDAPI10005: { status: 429, message: "Too Many Request Sent" },
  UDAPI100015: { status: 400, message: "API Version does not exist" },
  UDAPI100016: { status: 401, message: "Invalid Credentials" },
  UDAPI100036: { status: 400, message: "Invalid Input" },
  UDAPI100038: { status: 400, message: "Invalid input passed to the API" },
  UDAPI100049: { status: 403, message: "Access to this API is restricted. Please use the business product." },
  UDAPI100050: { status: 401, message: "Invalid token used to access API" },
  UDAPI100057: { status: 400, message: "Invalid Auth code" },
  UDAPI100058: {
    status: 400,
    message: "No segments for these users are active. Manual reactivation is recommended from Upstox app/web.",
  },
  UDAPI100060: { status: 404, message: "Resource not Found" },
  UDAPI100067: {
    status: 403,
    message: "The API you are trying to access is not permitted with an extended_token",
  },
  UDAPI100068: { status: 400, message: "Check your 'client_id' and 'redirect_uri'; one or both are incorrect." },
  UDAPI100069: { status: 401, message: "Check your 'client_id' and 'client_secret'; one or both are incorrect." },
  UDAPI100070: { status: 400, message: "Check your 'redirect_uri'; it is incorrect." },
  UDAPI100072: {
    status: 423,
    message: "The Funds service is accessible from 5:30 AM to 12:00 AM IST daily",
  },
  UDAPI100073: { status: 401, message: "Your 'client_id' is inactive." },
  UDAPI100500: { status: 500, message: "Something went wrong... please contact us" },
  UDAPI1017: { status: 400, message: "API Key is required" },
  UDAPI1018: { status: 400, message: "Redirect URI is required" },
  UDAPI1019: { status: 400, message: "segment is invalid" },
  UDAPI1022: { status: 400, message: "Code is required" },
  UDAPI1023: { status: 400, message: "Grant type is required" },
  UDAPI1024: { status: 400, message: "App Secret is required" },
  UDAPI1123: { status: 400, message: "Invalid notifier url" },
  UDAPI1124: { status: 400, message: "Only individual user accounts are allowed" },
  UDAPI1155: { status: 400, message: "App is under review or rejected" },
  UDAPI1157: { status: 400, message: "App is expired" },
  UDAPI1154: { status: 403, message: "Access to this API is blocked due to static IP restrictions." },
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
