import { existsSync, readFileSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DurableFolders, syncFolder } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/**
 * The box's own key and what the centre said of it, below the data folder, readable by the edge's
 * user only:
 *
 *   credential/pending.json    a key that was made for a code, until the centre has enrolled it
 *   credential/identity.json   the key that is enrolled
 *
 * Each is written beside its place, flushed, and renamed, so that a power cut leaves the one
 * before or the one after.
 */
const FOLDER = 'credential';

const PrivateKey = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  d: Type.String(),
});
const Pending = Type.Object({
  private_jwk: PrivateKey,
  /** Of the code as it is meant: a code tried again finds its key, another code gets another. */
  code_sha256: Type.String(),
});
const Identity = Type.Object({
  edge_id: Type.String(),
  organisation_id: Type.String(),
  code: Type.String(),
  name: Type.String(),
  /** RFC 7638, the `kid` of the box's assertions. */
  fingerprint: Type.String(),
  private_jwk: PrivateKey,
  /** The code that was spent; a box that is told to enrol with it again does nothing new. */
  code_sha256: Type.String(),
  core_url: Type.String(),
  /** The centre's public keys (JWKs) when the box was enrolled. */
  core_keys: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  enrolled_at: Type.String(),
});

export type PrivateJwk = Static<typeof PrivateKey>;
export type PendingKey = Static<typeof Pending>;
export type StoredIdentity = Static<typeof Identity>;

/** Null before the box is enrolled. Throws INVALID_SETTING where the file is not ours. */
export function readIdentity(dataFolder: string): StoredIdentity | null {
  return read(join(dataFolder, FOLDER, 'identity.json'), Identity);
}

/** Null where no key waits for its enrolment. */
export function readPending(dataFolder: string): PendingKey | null {
  return read(join(dataFolder, FOLDER, 'pending.json'), Pending);
}

/** The key is on the disk when this resolves. */
export async function writePending(dataFolder: string, pending: PendingKey): Promise<void> {
  await write(dataFolder, 'pending.json', pending);
}

/** From now on this is who the box is. */
export async function writeIdentity(dataFolder: string, identity: StoredIdentity): Promise<void> {
  await write(dataFolder, 'identity.json', identity);
  await rm(join(dataFolder, FOLDER, 'pending.json'), { force: true });
}

function read<S extends TSchema>(path: string, schema: S): Static<S> | null {
  if (!existsSync(path)) return null;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (Value.Check(schema, value)) return value;
  } catch (cause) {
    throw notOurs(path, cause);
  }
  throw notOurs(path);
}

async function write(dataFolder: string, name: string, value: object): Promise<void> {
  const folder = join(dataFolder, FOLDER);
  await new DurableFolders(dataFolder).ensure(folder);
  await chmod(folder, 0o700);
  const aside = join(folder, `${name}.new`);
  // One that a crash left may have another mode; `open` sets it only for a new file.
  await rm(aside, { force: true });
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(folder, name));
  await syncFolder(folder);
}

function notOurs(path: string, cause?: unknown): AppError {
  return new AppError('INVALID_SETTING', `${path} cannot be read.`, {
    hint: 'Ask for a new code at the centre, remove the file, and enrol the box again.',
    cause,
  });
}
