import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@demeter/common/config';
import type { Logger } from '@demeter/common/logger';
import { type Static, Type } from '@sinclair/typebox';
import { Value as Typebox } from '@sinclair/typebox/value';
import type { EdgeConfig } from '../config.ts';
import { ENVIRONMENT, ownValues, saidBy, type Value } from './values.ts';

/**
 * What the running edge began with, in `started.json` beside its lock, for `check`: a file that was
 * edited since is in force only after a restart. Of a value only its fingerprint is kept, by a key
 * of this start, and what may be shown of it.
 */
const Record = Type.Object({
  pid: Type.Integer(),
  key: Type.String(),
  values: Type.Array(
    Type.Object({
      name: Type.String(),
      shown: Type.String(),
      fingerprint: Type.String(),
      /** Only the edge's environment says it, which whoever asks may not have. */
      from_environment: Type.Boolean(),
    }),
  ),
  /** What the box's own file says of that which the centre may set too. */
  said: Type.Array(Type.String()),
});
export type StartRecord = Static<typeof Record>;

/** For whoever asks later; a disk that does not take it stops nothing. */
export function noteStart(config: EdgeConfig, env: Environment, log: Logger): void {
  const path = pathOf(config.dataFolder);
  try {
    rmSync(`${path}.new`, { force: true });
    // Worth nothing without this process: it need not outlive a power cut.
    writeFileSync(`${path}.new`, JSON.stringify(recordOf(config, env)), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    log.warn({ err: error }, 'what this start began with cannot be noted for `check`');
  }
}

function recordOf(config: EdgeConfig, env: Environment): StartRecord {
  const key = randomBytes(16).toString('hex');
  const values = ownValues(config, env).map((value) => ({
    name: value.name,
    shown: value.shown,
    fingerprint: fingerprintOf(value, key),
    from_environment: value.from === ENVIRONMENT,
  }));
  return { pid: process.pid, key, values, said: [...saidBy(config)] };
}

/** Of the edge that holds the lock as this process; null where it wrote none, or not yet. */
export function readStartRecord(dataFolder: string, holder: number | undefined) {
  try {
    const path = pathOf(dataFolder);
    // A process of an earlier start may have had the same number.
    if (statSync(path).mtimeMs < statSync(join(dataFolder, 'lock')).mtimeMs) return null;
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Typebox.Check(Record, record) && record.pid === holder ? record : null;
  } catch {
    return null;
  }
}

export function fingerprintOf({ name, whole }: Pick<Value, 'name' | 'whole'>, key: string): string {
  return createHmac('sha256', key).update(`${name}\n${whole}`).digest('hex');
}

function pathOf(dataFolder: string): string {
  return join(dataFolder, 'started.json');
}
