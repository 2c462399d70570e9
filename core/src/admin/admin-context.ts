import { systemClock } from '@demeter/common/clock';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import type { ObjectStore } from '@demeter/common/object-store/object-store';
import { KeyRing } from '../auth/key-ring.ts';
import { deriveSecrets } from '../auth/secrets.ts';
import type { CoreConfig } from '../config.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { ORGANISATION_CODE } from '../organisation.ts';
import { createStores } from '../stores.ts';

/** What the commands work with; each opens only what it needs. */
export interface AdminContext {
  readonly config: CoreConfig;
  readonly db: Database;
  readonly originals: ObjectStore;
  readonly derived: ObjectStore;
  /** True on PGlite. */
  readonly embedded: boolean;
  readonly sealKey: Uint8Array;
  /** Hashes the one-time codes of boxes. */
  readonly codesKey: Uint8Array;
  now(): Date;
  /** Throws NOT_FOUND before `init`. */
  organisationId(): Promise<string>;
  keys(): Promise<KeyRing>;
  publicUrl(): string;
  close(): Promise<void>;
}

/** Throws DATABASE_UNAVAILABLE. */
export async function openAdminContext(config: CoreConfig): Promise<AdminContext> {
  const { values } = config;
  const { db, embedded, close } = await openDatabase({
    url: config.databaseUrl,
    poolSize: 2,
    statementTimeoutMs: 0,
  });
  const { seal: sealKey, codes: codesKey } = deriveSecrets(config.secret);
  const organisationId = async () => {
    const found = await db
      .selectFrom('organisations')
      .select('id')
      .where('code', '=', ORGANISATION_CODE)
      .executeTakeFirst();
    if (found) return found.id;
    throw new AppError('NOT_FOUND', 'There is no organisation yet.', { hint: 'Run `init` first.' });
  };
  return {
    config,
    db,
    embedded,
    ...createStores(values),
    sealKey,
    codesKey,
    now: () => new Date(systemClock.now()),
    organisationId,
    keys: async () => await KeyRing.read(db, await organisationId(), sealKey),
    publicUrl: () => publicUrlOf(values),
    close,
  };
}

/** How the running core is reached, without a trailing slash. */
export function publicUrlOf(values: Values): string {
  const address = `http://${values.DEMETER_CORE_HOST}:${values.DEMETER_CORE_PORT}`;
  return (values.DEMETER_CORE_PUBLIC_URL ?? address).replace(/\/+$/, '');
}
