/**
 * Models of the calls that need a session, by the names of the generated SDK. Types follow the vendor's documents;
 * nothing is enforced at run time.
 */
import { Model } from "../../model.ts";

export class BankDtls extends Model {
  declare bankName?: string;
  /** Masked by the broker. */
  declare accNo?: string;
  declare ifsc?: string;
}

/** The customer: personal data, not for logs. */
export class ClientDetailsData extends Model {
  static override readonly nested = { bankDetails: { listOf: BankDtls } };

  declare userId?: string;
  declare userName?: string;
  declare mobile?: string;
  declare email?: string;
  declare pan?: string;
  declare dpId?: string;
  declare bankDetails?: BankDtls[];
  declare dpIds?: string[];
  /** `mis`, `cnc`, `nrml`: not the words orders use. */
  declare products?: string[];
  declare segments?: string[];
}

export class GetUserDetails200Response extends Model {
  static override readonly nested = { d: ClientDetailsData };

  /** `ok`. */
  declare s: string;
  declare d: ClientDetailsData;
  declare msg?: string;
}

export class IouMessage extends Model {
  /** `Logged out successfully`, `Success`. */
  declare msg?: string;
}

export class GetLogoutWebResponse200Response extends Model {
  static override readonly nested = { d: IouMessage };

  /** `ok`. */
  declare s: string;
  declare d: IouMessage;
  declare msg?: string;
}
