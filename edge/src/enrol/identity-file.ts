import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DurableFolders, errnoOf, syncFolder } from '@demeter/common/durable-files';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/**
 * The box's own key and what the centre said of it, below the data folder, readable by the edge's
 * user only:
 *
 *   credential/pending.json      a key that was made for a code, until the centre has enrolled it
 *   credential/identity.json     the key that is enrolled
 *   credential/centre-keys.json  what the centre has said of its own keys since
 *   credential/NAME.spoilt       one that was damaged, set aside
 *
 * Each is written beside its place, flushed, and renamed, so that a power cut leaves the one
 * before or the one after. What is damaged all the same counts as not there: photos are taken
 * without it.
 */
const FOLDER = 'credential';
const SPOILT = '.spoilt';

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

const Learned = Type.Object({
  /** The enrolment or token that it was learned with. */
  of: Type.String(),
  /** Of the centre's last set of keys, RFC 3339; '' before the first. */
  changed_at: Type.String(),
  /** By fingerprint; a retired one vouches for no other. */
  keys: Type.Record(Type.String(), Type.Object({ retired: Type.Boolean() })),
});

export type LearnedKeys = Static<typeof Learned>;
export type PrivateJwk = Static<typeof PrivateKey>;
export type PendingKey = Static<typeof Pending>;
export type StoredIdentity = Static<typeof Identity>;

/** Null before the box is enrolled, and where the file cannot be used. */
export function readIdentity(dataFolder: string): StoredIdentity | null {
  return read(dataFolder, 'identity.json', Identity).value;
}

/** Null where no key waits for its enrolment. */
export function readPending(dataFolder: string): PendingKey | null {
  return read(dataFolder, 'pending.json', Pending).value;
}

/** Null where nothing was learned yet. */
export function readLearnedKeys(dataFolder: string): LearnedKeys | null {
  return read(dataFolder, 'centre-keys.json', Learned).value;
}

/**
 * Why a box that was enrolled does not know who it is; null: it does, or never was. `unreadable`:
 * the system does not let this process read the file, which may be whole.
 */
export function identityTrouble(dataFolder: string): 'spoilt' | 'unreadable' | null {
  const { value, trouble } = read(dataFolder, 'identity.json', Identity);
  if (value || trouble) return trouble;
  return existsSync(join(dataFolder, FOLDER, `identity.json${SPOILT}`)) ? 'spoilt' : null;
}

/** Files that are damaged get another name, for whoever wants to look at them. */
export function setSpoiltAside(dataFolder: string): void {
  const schemas = { 'identity.json': Identity, 'pending.json': Pending };
  for (const [name, schema] of Object.entries(schemas)) {
    if (read(dataFolder, name, schema).trouble !== 'spoilt') continue;
    const path = join(dataFolder, FOLDER, name);
    try {
      renameSync(path, path + SPOILT);
    } catch {
      // A disk that takes no new name: where it stands it counts as not there all the same.
    }
  }
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

interface Read<T> {
  readonly value: T | null;
  readonly trouble: 'spoilt' | 'unreadable' | null;
}

function read<S extends TSchema>(dataFolder: string, name: string, schema: S): Read<Static<S>> {
  const path = join(dataFolder, FOLDER, name);
  let text: string;
  try {
    // Mostly there is none where it is looked for again and again, and an error is dear to make.
    if (!statSync(path, { throwIfNoEntry: false })) return { value: null, trouble: null };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { value: null, trouble: errnoOf(error) === 'ENOENT' ? null : 'unreadable' };
  }
  const value = parse(text);
  return Value.Check(schema, value) && isPair(value)
    ? { value, trouble: null }
    : { value: null, trouble: 'spoilt' };
}

/** One letter that is wrong makes a key nobody knows: its two halves must still fit. */
function isPair(value: unknown): boolean {
  const { private_jwk: jwk } = value as { readonly private_jwk?: PrivateJwk };
  if (!jwk) return true;
  try {
    const derived = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' }));
    return derived.export({ format: 'jwk' }).x === jwk.x;
  } catch {
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the centre has said of its keys is on the disk when this resolves. */
export async function writeLearnedKeys(dataFolder: string, learned: LearnedKeys): Promise<void> {
  await write(dataFolder, 'centre-keys.json', learned);
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
