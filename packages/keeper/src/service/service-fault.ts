/**
 * What the service answers when something is wrong: `{"code", "message", "nextStep"}`.
 */
import { KeeperError, type KeeperErrorCode } from "../keeper-error.ts";

/** Codes of the service itself, beside those of KeeperError. */
export type ServiceFaultCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "BROWSER_REFUSED"
  | "WRONG_HOST"
  | "NOT_FOUND"
  | "TOO_LARGE"
  | "BUSY"
  | "STOPPING"
  | "INTERNAL";

const FAULT_STATUS: Readonly<Record<ServiceFaultCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  BROWSER_REFUSED: 403,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  WRONG_HOST: 421,
  BUSY: 503,
  STOPPING: 503,
  INTERNAL: 500,
};

const KEEPER_STATUS: Readonly<Record<KeeperErrorCode, number>> = {
  USAGE: 400,
  UNKNOWN_ACCOUNT: 404,
  LOGIN_REQUIRED: 409,
  LOGIN_DENIED: 409,
  LOGIN_TIMEOUT: 409,
  WRONG_USER: 409,
  LOGIN_FAILED: 502,
  WRONG_IP: 502,
  BROKER_UNREACHABLE: 502,
  SERVICE_UNREACHABLE: 502,
  CLOSED: 503,
  PORT_TAKEN: 503,
  VAULT_LOCKED: 503,
  VAULT_DAMAGED: 503,
  VAULT_UNSAFE: 503,
  VAULT_UNAVAILABLE: 503,
};

/** A request that the service refuses. Its message says nothing of what was sent. */
export class ServiceFault extends Error {
  override readonly name = "ServiceFault";
  readonly code: ServiceFaultCode;
  readonly nextStep: string | undefined;

  constructor(code: ServiceFaultCode, message: string, nextStep?: string) {
    super(message);
    this.code = code;
    this.nextStep = nextStep;
  }
}

export interface FaultAnswer {
  readonly status: number;
  readonly body: { readonly code: string; readonly message: string; readonly nextStep?: string };
}

/** Decides in one place what leaves the process about an error. */
export function faultAnswer(error: unknown): FaultAnswer {
  if (error instanceof KeeperError) return answer(KEEPER_STATUS[error.code], error);
  const fault = error instanceof ServiceFault ? error : frameworkFault(error);
  return answer(FAULT_STATUS[fault.code], fault);
}

/** Faults that Node's parser or Fastify found. Their messages may quote the request, so they are not passed on. */
function frameworkFault(error: unknown): ServiceFault {
  const status: unknown = error instanceof Error ? Reflect.get(error, "statusCode") : undefined;
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (status === 404) return missing();
  if (status === 413 || code === "HPE_HEADER_OVERFLOW")
    return new ServiceFault("TOO_LARGE", "the request is too large");
  const isTheirs = (typeof status === "number" && status >= 400 && status < 500) || /^HPE_|^ERR_HTTP/.test(`${code}`);
  if (isTheirs) return new ServiceFault("BAD_REQUEST", "the request is not understood");
  return new ServiceFault("INTERNAL", "the keeper failed", "See the keeper's log.");
}

export function keeperStops(): ServiceFault {
  return new ServiceFault("STOPPING", "the keeper stops", "Ask again when it is back.");
}

export function missing(): ServiceFault {
  return new ServiceFault("NOT_FOUND", "there is nothing at this address", "The addresses are in docs/keeper.md.");
}

function answer(status: number, { code, message, nextStep }: KeeperError | ServiceFault): FaultAnswer {
  return { status, body: { code, message, ...(nextStep === undefined ? {} : { nextStep }) } };
}
