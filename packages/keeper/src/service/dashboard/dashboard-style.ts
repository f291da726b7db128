import { accountStyle } from "./style/account-style.ts";
import { buttonStyle } from "./style/button-style.ts";
import { frameStyle } from "./style/frame-style.ts";
import { paletteStyle } from "./style/palette-style.ts";
import { wordsStyle } from "./style/words-style.ts";

/** The dashboard's stylesheet. Later parts win over earlier ones. */
export const dashboardStyle = [paletteStyle, frameStyle, wordsStyle, accountStyle, buttonStyle].join("");
