/** Version of this package, sent as part of the User-Agent; a test holds it against package.json. */
export const version = "0.1.0";
