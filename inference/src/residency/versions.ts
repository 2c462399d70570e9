/** Which version answers where none is named: rules without I/O. */

export type State = 'unloaded' | 'loading' | 'ready' | 'unloading' | 'unavailable';

export interface Version {
  readonly version: string;
  readonly state: State;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Below 0: `a` is older. Numbers in them count as numbers: 9 < 10, 1.2 < 1.10. */
export function compareVersions(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

export interface DefaultChoice {
  /** Answers now. */
  readonly current: string | undefined;
  /** Named by DEMETER_INFERENCE_DEFAULT_VERSIONS. */
  readonly wanted: string | undefined;
  readonly versions: readonly Version[];
}

/**
 * The version named by the settings; else the highest. A higher one takes over only when it is
 * ready, and one that fails hands over to the highest that does not: a bad upload changes nothing.
 */
export function chooseDefault({ current, wanted, versions }: DefaultChoice): string | undefined {
  if (versions.some(({ version }) => version === wanted)) return wanted;
  const sound = versions.filter(({ state }) => state !== 'unavailable');
  const ready = highest(sound.filter(({ state }) => state === 'ready'));
  if (current === undefined || sound.every(({ version }) => version !== current)) {
    return ready ?? highest(sound) ?? highest(versions);
  }
  return ready !== undefined && compareVersions(ready, current) > 0 ? ready : current;
}

function highest(versions: readonly Version[]): string | undefined {
  return versions
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1);
}
