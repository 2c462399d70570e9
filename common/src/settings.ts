/**
 * Every setting of every part: the README's table is made from this list, and an environment
 * variable that starts with DEMETER_ and does not stand here is refused at start.
 */
import { CLI_SETTINGS } from './settings/cli.ts';
import { CORE_SETTINGS } from './settings/core.ts';
import { EDGE_SETTINGS } from './settings/edge.ts';
import { EVERYWHERE_SETTINGS } from './settings/everywhere.ts';
import { INFERENCE_SETTINGS } from './settings/inference.ts';

export type { Part, Setting } from './settings/setting.ts';

export const SETTINGS = {
  ...EVERYWHERE_SETTINGS,
  ...CORE_SETTINGS,
  ...EDGE_SETTINGS,
  ...INFERENCE_SETTINGS,
  ...CLI_SETTINGS,
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Variables of the original system that have no meaning here; said once at start. */
export const NOT_NEEDED = [/^CELERY_/, /^DATABASE_URL_SYNC$/];
