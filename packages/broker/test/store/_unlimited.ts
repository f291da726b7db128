import { type Settings, settingsTable } from "../../src/settings.ts";

/** Settings under which a test may call as often as it likes, and take its time. */
export const UNLIMITED: Partial<Settings> = {
  KUNJI_RATE_PER_SECOND: settingsTable.KUNJI_RATE_PER_SECOND.max,
  KUNJI_RATE_PER_MINUTE: settingsTable.KUNJI_RATE_PER_MINUTE.max,
  KUNJI_RATE_PER_HALF_HOUR: settingsTable.KUNJI_RATE_PER_HALF_HOUR.max,
  KUNJI_CODE_LIFETIME: settingsTable.KUNJI_CODE_LIFETIME.max,
};
