/**
 * Models of error bodies. Calls report errors as `ApiException`, whose `errors` are `Problem`s; the Java exception
 * classes are in the vendor's OpenAPI as the 401 body of logout and have not been seen on the wire.
 */
import { Model } from "../../model.ts";
import { statusEnum } from "./login.ts";

/** One entry of an error body. Both spellings of each field are read, snake_case wins. */
export class Problem extends Model {
  declare errorCode: string;
  declare message: string;
  /** Which input failed. */
  declare propertyPath: string | null;
  declare invalidValue: unknown;
}

export class ApiGatewayErrorResponse extends Model {
  static readonly StatusEnum = statusEnum;
  static override readonly nested = { errors: { listOf: Problem } };

  declare status: string;
  declare errors: Problem[];
}

export class OAuthClientExceptionCauseStackTrace extends Model {
  declare classLoaderName?: string;
  declare moduleName?: string;
  declare moduleVersion?: string;
  declare methodName?: string;
  declare fileName?: string;
  declare lineNumber?: number;
  declare className?: string;
  declare nativeMethod?: boolean;
}

export class OAuthClientExceptionCauseSuppressed extends Model {
  static override readonly nested = { stackTrace: { listOf: OAuthClientExceptionCauseStackTrace } };

  declare stackTrace?: OAuthClientExceptionCauseStackTrace[];
  declare message?: string;
  declare localizedMessage?: string;
}

export class OAuthClientExceptionCause extends Model {
  static override readonly nested = {
    stackTrace: { listOf: OAuthClientExceptionCauseStackTrace },
    suppressed: { listOf: OAuthClientExceptionCauseSuppressed },
  };

  declare stackTrace?: OAuthClientExceptionCauseStackTrace[];
  declare message?: string;
  declare suppressed?: OAuthClientExceptionCauseSuppressed[];
  declare localizedMessage?: string;
}

export class OAuthClientException extends Model {
  static override readonly nested = {
    cause: OAuthClientExceptionCause,
    stackTrace: { listOf: OAuthClientExceptionCauseStackTrace },
    suppressed: { listOf: OAuthClientExceptionCauseSuppressed },
  };

  declare cause?: OAuthClientExceptionCause;
  declare stackTrace?: OAuthClientExceptionCauseStackTrace[];
  declare message?: string;
  declare suppressed?: OAuthClientExceptionCauseSuppressed[];
  declare localizedMessage?: string;
}
