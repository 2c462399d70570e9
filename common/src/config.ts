import { distance } from 'fastest-levenshtein';
import { AppError } from './errors.ts';
import { NOT_NEEDED, type Part, SETTINGS, type Setting, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type ValueOf<S> = S extends { kind: 'integer' | 'number' }
  ? number
  : S extends { kind: 'boolean' }
    ? boolean
    : S extends { kind: 'list' }
      ? readonly string[]
      : S extends { kind: 'choice'; choices: readonly (infer C)[] }
        ? C
        : S extends { default: string }
          ? string
          : string | undefined;

/** The values of all settings that `part` reads, checked and with defaults. */
export type Values = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

export interface ParsedConfig {
  readonly values: Values;
  /** Sentences for the log: variables that are not needed here. */
  readonly notes: readonly string[];
}

/**
 * Checks the environment against the settings. An empty value counts as unset.
 * Throws UNKNOWN_SETTING, INVALID_SETTING: by name, with what is allowed.
 */
export function parseConfig(env: Environment): ParsedConfig {
  const notes: string[] = [];
  for (const name of Object.keys(env)) {
    if (name.startsWith('DEMETER_') && !Object.hasOwn(SETTINGS, name)) {
      throw new AppError('UNKNOWN_SETTING', `${name} is no setting of Demeter.`, {
        field: name,
        hint: hintFor(name),
      });
    }
    if (NOT_NEEDED.some((pattern) => pattern.test(name))) notes.push(`${name} is not needed here.`);
  }
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [
    name,
    parseValue(name, setting, env[name] || undefined),
  ]);
  return { values: Object.fromEntries(entries) as Values, notes };
}

function parseValue(name: string, setting: Setting, text: string | undefined): unknown {
  if (setting.kind === 'list') return parseList(text ?? setting.default);
  if (text === undefined) return setting.default;
  switch (setting.kind) {
    case 'string':
      return text;
    case 'url':
      if (!URL.canParse(text)) throw invalid(name, 'a URL');
      return text;
    case 'boolean':
      if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true;
      if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false;
      throw invalid(name, 'true or false');
    case 'choice':
      if (!setting.choices.includes(text))
        throw invalid(name, `one of ${setting.choices.join(', ')}`);
      return text;
    case 'integer':
    case 'number': {
      const value = Number(text);
      const whole = setting.kind === 'number' || Number.isSafeInteger(value);
      if (Number.isFinite(value) && whole && value >= setting.min && value <= setting.max)
        return value;
      const noun = setting.kind === 'integer' ? 'a whole number' : 'a number';
      throw invalid(name, `${noun} from ${setting.min} to ${setting.max}`);
    }
  }
}

function parseList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function invalid(name: string, allowed: string): AppError {
  return new AppError('INVALID_SETTING', `${name} must be ${allowed}.`, { field: name });
}

/** Settings whose names differ by a slip or two of the keyboard. */
function hintFor(name: string): string {
  const word = (full: string) => full.slice('DEMETER_'.length);
  const slipsMax = Math.max(2, Math.floor(word(name).length / 4));
  const near = Object.keys(SETTINGS)
    .filter((other) => other.startsWith('DEMETER_'))
    .map((other) => ({ other, slips: distance(word(name), word(other)) }))
    .filter(({ slips }) => slips <= slipsMax)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, 3);
  if (near.length === 0) return 'The README lists all settings.';
  return `Did you mean ${near.map(({ other }) => other).join(', ')}?`;
}

/** Settings that `part` reads, for `doctor` and the README. */
export function settingsOf(part: Part): readonly SettingName[] {
  return (Object.keys(SETTINGS) as SettingName[]).filter((name) =>
    (SETTINGS[name].parts as readonly Part[]).includes(part),
  );
}

/** `postgresql+driver://…` as `postgresql://…`. */
export function databaseUrl(url: string): string {
  return url.replace(/^(postgres(?:ql)?)\+\w+:/, '$1:');
}
