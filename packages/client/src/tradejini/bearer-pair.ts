/**
 * What Tradejini takes for an access token on every `/api/*` call.
 * @param apiKey API key of the app
 * @param accessToken as the token endpoint gave it
 * @returns `<api_key>:<access_token>`
 * @throws TypeError when either is empty, or holds what cannot travel in a header
 */
export function bearerPair(apiKey: string, accessToken: string): string {
  if (!/^[^\s:]+$/.test(apiKey)) throw new TypeError("the API key must be the key alone, without colon and spaces");
  if (!/^\S+$/.test(accessToken)) throw new TypeError("the access token must not be empty or hold spaces");
  return `${apiKey}:${accessToken}`;
}
