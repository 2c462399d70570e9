import type { Environment } from '@demeter/common/config';
import type { EdgeConfig } from '../config.ts';
import type { InForce } from '../configuration/folder.ts';
import { fingerprintOf, type StartRecord } from '../in-force/start-record.ts';
import { centreValues, ENVIRONMENT, ownValues, saidBy, type Value } from '../in-force/values.ts';

/** One value that an edge started now would use. Secrets are never shown. */
export interface EffectiveValue {
  readonly name: string;
  readonly value: string;
  /** "environment", "FILE:LINE:COLUMN", "centre, version N", or "default". */
  readonly from: string;
  /** What the running edge works with until it is restarted; null: the same, or none runs. */
  readonly until_restart: string | null;
}

export interface Seen {
  /** What the centre has set; it is in force at once. */
  readonly pulled?: InForce | null;
  /** What the running edge began with; null: none runs, or it does not say. */
  readonly started?: StartRecord | null;
}

/** Every setting of the edge, then what stands in its file alone, then what the centre adds. */
export function effectiveValues(
  config: EdgeConfig,
  env: Environment,
  { pulled = null, started = null }: Seen = {},
): EffectiveValue[] {
  const after = [...ownValues(config, env), ...centreValues(pulled, saidBy(config))];
  if (!started) return after.map((value) => toShown(value, null));
  const { key } = started;
  const now = new Map<string, Running>(started.values.map((value) => [value.name, value]));
  for (const value of centreValues(pulled, new Set(started.said))) {
    const fingerprint = fingerprintOf(value, key);
    now.set(value.name, { shown: value.shown, fingerprint, from_environment: false });
  }
  const shown = after.map((value) => {
    const running = now.get(value.name);
    if (running?.fingerprint === fingerprintOf(value, key)) return toShown(value, null);
    // What only the edge's own environment says is there at its next start too.
    if (running?.from_environment && value.from !== ENVIRONMENT) {
      return toShown({ ...value, shown: running.shown, from: "the edge's environment" }, null);
    }
    const untilRestart = running?.shown ?? NOT_SET;
    return toShown(value, untilRestart === value.shown ? 'another one' : untilRestart);
  });
  const names = new Set(after.map(({ name }) => name));
  const gone = [...now].filter(([name]) => !names.has(name));
  return [
    ...shown,
    ...gone.map(([name, running]) =>
      toShown({ name, shown: NOT_SET, from: 'no longer set' }, running.shown),
    ),
  ];
}

type Running = Omit<StartRecord['values'][number], 'name'>;
const NOT_SET = '(not set)';

function toShown(
  { name, shown, from }: Pick<Value, 'name' | 'shown' | 'from'>,
  until_restart: string | null,
): EffectiveValue {
  return { name, value: shown, from, until_restart };
}
