/** Licences that ask for no more than their text, or a link to it, to be kept. */
const FREE = /^(?:MIT|MIT-0|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|PSF-2\.0|WTFPL|Zlib)$/;
/** Of development tools, which are passed on to nobody, these as well. */
const FREE_FOR_TOOLS = /^(?:MPL-2\.0|CC-BY-4\.0)$/;

/**
 * Whether we may use a package as we do.
 * @param {string} expression SPDX, as package.json has it
 * @param {boolean} isTool for development only
 */
export function isFreeLicence(expression, isTool) {
  const isFree = (licence) => FREE.test(licence) || (isTool && FREE_FOR_TOOLS.test(licence));
  const options = expression.replaceAll(/[()]/g, "").split(" OR ");
  return options.some((option) => option.split(" AND ").every(isFree));
}
