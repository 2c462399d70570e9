import type { Environment } from '@demeter/common/config';
import { settingsOf } from '@demeter/common/config';
import { SETTINGS, type Setting } from '@demeter/common/settings';
import type { EdgeConfig } from '../config.ts';
import type { InForce } from '../configuration/folder.ts';

/** One value that is in force, and who gave it. Secrets are never shown. */
export interface EffectiveValue {
  readonly name: string;
  readonly value: string;
  /** "environment", "FILE:LINE:COLUMN", "centre, version N", or "default". */
  readonly from: string;
}

/** Keys whose values are shown as being there only. */
const HIDDEN = new Set(['key_sha256']);

/** Every setting of the edge, then what stands in its file alone, then what the centre adds. */
export function effectiveValues(
  { values, file, tuning }: EdgeConfig,
  env: Environment,
  pulled: InForce | null = null,
): EffectiveValue[] {
  const settings = settingsOf('edge').map((name) => {
    const setting: Setting = SETTINGS[name];
    const fromFile = file?.settings[name]?.where;
    const value = values[name];
    const shown = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    return {
      name,
      value: setting.secret ? (value ? '(set)' : '') : withoutLogin(shown),
      from: env[name] ? 'environment' : (fromFile ?? 'default'),
    };
  });
  const ofFile = file === null ? [] : leavesOf(file.value, [], file.whereIs);
  return [...settings, ...ofFile, ...ofCentre(pulled, tuning)];
}

/** What the box's own file does not say itself, key by key as in tuning.ts. */
function ofCentre(pulled: InForce | null, own: EdgeConfig['tuning']): EffectiveValue[] {
  if (pulled === null) return [];
  const from = `centre, version ${pulled.version}`;
  const said = new Set(leavesOf(own, [], () => '').map(({ name }) => unitOf(name)));
  const values = leavesOf(pulled.configuration, [], () => from);
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
): EffectiveValue[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) =>
      leavesOf(child, [...path, Array.isArray(value) ? Number(key) : key], whereIs),
    );
  }
  const hidden = HIDDEN.has(String(path.at(-1)));
  const shown = hidden ? '(set)' : withoutLogin(String(value));
  return [{ name: path.join('.'), value: shown, from: whereIs(path) }];
}

/** A login within an address is a secret too, and cameras take it in the query as well. */
function withoutLogin(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1…@')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^?\s]*\?)\S+/gi, '$1…');
}
