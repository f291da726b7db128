const CLIENT_CODE = /^[A-Z0-9]{3,16}$/;

/** Most bytes of a password: enough for any, and a bound on what is hashed. */
export const MAX_PASSWORD_BYTES = 128;

const MIN_NEW_PASSWORD = 8;

/** Client codes are letters and digits in capitals. */
export function isClientCode(text: string): boolean {
  return CLIENT_CODE.test(text);
}

/** Whether somebody may choose it; what was chosen earlier is compared as it is. */
export function isNewPassword(text: string): boolean {
  return text.length >= MIN_NEW_PASSWORD && Buffer.byteLength(text) <= MAX_PASSWORD_BYTES;
}
