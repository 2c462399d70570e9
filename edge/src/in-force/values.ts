import type { Environment } from '@demeter/common/config';
import { settingsOf } from '@demeter/common/config';
import { SETTINGS, type Setting } from '@demeter/common/settings';
import type { EdgeConfig } from '../config.ts';
import type { InForce } from '../configuration/folder.ts';

/** One value of the box's configuration, and who gave it. */
export interface Value {
  readonly name: string;
  /** For people: secrets are only said to be there. */
  readonly shown: string;
  /** All of it, secrets too: for comparing, never to be shown or written down. */
  readonly whole: string;
  /** "environment", "FILE:LINE:COLUMN", "centre, version N", or "default". */
  readonly from: string;
}

export const ENVIRONMENT = 'environment';

/** Keys whose values are shown as being there only. */
const HIDDEN = new Set(['key_sha256']);

/** What the box itself is told: every setting of the edge, then what stands in its file alone. */
export function ownValues(config: EdgeConfig, env: Environment): Value[] {
  const { values, file } = config;
  const settings = settingsOf('edge').map((name) => {
    const setting: Setting = SETTINGS[name];
    const fromFile = file?.settings[name]?.where;
    const value = values[name];
    const whole = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    return {
      name,
      shown: setting.secret ? (value ? '(set)' : '') : withoutLogin(whole),
      whole: name === 'DEMETER_EDGE_CAMERAS' && value ? whole + contentOf(config) : whole,
      from: env[name] ? ENVIRONMENT : (fromFile ?? 'default'),
    };
  });
  return [...settings, ...(file === null ? [] : leavesOf(file.value, [], file.whereIs))];
}

/** A file that is only named is another one when it says something else. */
function contentOf({ cameras, snapshots, tuning }: EdgeConfig): string {
  return JSON.stringify([cameras, snapshots, tuning.cameras]);
}

/** What the centre may set too and the box's own file says, as `unitOf` names it. */
export function saidBy({ tuning }: EdgeConfig): ReadonlySet<string> {
  return new Set(leavesOf(tuning, [], () => '').map(({ name }) => unitOf(name)));
}

/** What the centre adds where the box's own file is silent, key by key as in tuning.ts. */
export function centreValues(pulled: InForce | null, said: ReadonlySet<string>): Value[] {
  if (pulled === null) return [];
  const values = leavesOf(pulled.configuration, [], () => `centre, version ${pulled.version}`);
  return values.filter(({ name }) => !said.has(unitOf(name)));
}

/** A policy, a timetable and hours are in force as a whole, other values each by itself. */
function unitOf(name: string): string {
  const whole = /^(policies\.[^.]+|forwarding\.hours|cameras\.[^.]+\.timetable)\b/.exec(name);
  return whole?.[1] ?? name;
}

/** Values of the file by their path, each with its line. */
function leavesOf(
  value: unknown,
  path: readonly (string | number)[],
  whereIs: (path: readonly (string | number)[]) => string,
): Value[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) =>
      leavesOf(child, [...path, Array.isArray(value) ? Number(key) : key], whereIs),
    );
  }
  const whole = String(value);
  const shown = HIDDEN.has(String(path.at(-1))) ? '(set)' : withoutLogin(whole);
  return [{ name: path.join('.'), shown, whole, from: whereIs(path) }];
}

/** A login within an address is a secret too, and cameras take it in the query as well. */
function withoutLogin(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1…@')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^?\s]*\?)\S+/gi, '$1…');
}
