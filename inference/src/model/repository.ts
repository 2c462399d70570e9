import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError, toAppError } from '@demeter/common/errors';
import { parseManifest } from './manifest.ts';
import type { ModelSpec } from './model-spec.ts';
import { type OnnxFile, parseOnnxFile } from './onnx-file.ts';
import { toBareSpec, toSpec } from './to-spec.ts';

/** A model that can be loaded, or why it cannot. */
export type RepositoryEntry =
  | { readonly name: string; readonly version: string; readonly spec: ModelSpec }
  | { readonly name: string; readonly version: string; readonly error: AppError };

/** Files without a manifest have no version of their own. */
const FOREIGN_VERSION = '1';
/**
 * Finds the models in the folders: `<name>/<version>/` with manifest.json and ONNX file, or an ONNX
 * file alone, and bare `.onnx` files. A model that is wrong stays in the list with its reason. Of two with one name and
 * version the first stands, the other is refused by name. What its manifest keeps out of `profile`
 * is not there.
 */
export async function readRepository(
  folders: readonly string[],
  profile?: string,
  known: KnownEntries = new Map(),
): Promise<RepositoryEntry[]> {
  const entries: RepositoryEntry[] = [];
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const models = await findModels(folder).catch((cause: unknown) =>
      refused({ name: folder, version: '', path: folder }, 'the folder cannot be read.', cause),
    );
    if (!Array.isArray(models)) {
      entries.push(models);
      continue;
    }
    for (const found of models) {
      const key = `${found.name}/${found.version}`;
      const before = seen.get(key);
      seen.set(key, before ?? found.path);
      entries.push(
        before === undefined
          ? await readOnce(found, known)
          : refused(found, `${key} is there already, as ${before}.`),
      );
    }
  }
  return entries.filter((entry) => isServed(entry, profile));
}

function isServed(entry: RepositoryEntry, profile: string | undefined): boolean {
  const profiles = 'spec' in entry ? entry.spec.profiles : undefined;
  return profile === undefined || profiles === undefined || profiles.includes(profile);
}

/** What was read of files that have not changed since, by path. */
export type KnownEntries = Map<string, { readonly stamp: string; readonly entry: RepositoryEntry }>;

/** Hashing gigabytes again each time would keep a disk busy for nothing. */
async function readOnce(found: Found, known: KnownEntries): Promise<RepositoryEntry> {
  const stamp = await stampOf(found);
  const before = known.get(found.path);
  if (before?.stamp === stamp) return before.entry;
  const entry = await readEntry(found);
  known.set(found.path, { stamp, entry });
  return entry;
}

/**
 * Changes when a file of the model does; a rename over it gives it another inode. What lies beside it
 * and is no model may be its weights.
 */
async function stampOf({ path }: Found): Promise<string> {
  const folder = dirname(path);
  const own = basename(path);
  const files = (await list(folder)).filter((entry) => !entry.isDirectory());
  const names = files.map(({ name }) => name);
  const stamps = names.map(async (name) => {
    if (own.endsWith('.onnx') && name.endsWith('.onnx') && name !== own) return '';
    const { size, mtimeMs, ino } = await stat(join(folder, name));
    return `${name} ${size} ${mtimeMs} ${ino}`;
  });
  return (await Promise.all(stamps).catch(() => ['gone'])).join('\n');
}

interface Found {
  readonly name: string;
  readonly version: string;
  /** The manifest, or the bare ONNX file. */
  readonly path: string;
}

async function findModels(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() && entry.name.endsWith('.onnx')) {
      const name = basename(entry.name, '.onnx');
      found.push({ name, version: FOREIGN_VERSION, path: join(folder, entry.name) });
    }
    if (!entry.isDirectory()) continue;
    for (const version of await list(join(folder, entry.name))) {
      if (!version.isDirectory()) continue;
      const path = join(folder, entry.name, version.name);
      const files = (await list(path)).map((file) => file.name);
      const [onnx] = files.filter((file) => file.endsWith('.onnx'));
      // A folder with neither holds something else, such as training code.
      const file = files.includes('manifest.json') ? 'manifest.json' : onnx;
      if (file === undefined) continue;
      found.push({ name: entry.name, version: version.name, path: join(path, file) });
    }
  }
  return found;
}

async function list(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  // What begins with a dot is not there yet, or not any more; a volume of its own holds the other.
  return entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'lost+found')
    .sort((a, b) => a.name.localeCompare(b.name));
}

async function readEntry(found: Found): Promise<RepositoryEntry> {
  const { name, version, path } = found;
  try {
    const spec = path.endsWith('.onnx') ? await readBare(found) : await readManifested(found);
    return { name, version, spec };
  } catch (error) {
    return refused(found, toAppError(error).message, error);
  }
}

function refused(found: Found, reason: string, cause?: unknown): RepositoryEntry {
  const error = new AppError('MODEL_INVALID', `${found.path}: ${reason}`, { cause });
  return { name: found.name, version: found.version, error };
}

async function readBare({ name, version, path }: Found): Promise<ModelSpec> {
  const { file, ...content } = await readOnnx(path);
  return { ...toBareSpec(file), name, version, path, ...content };
}

async function readManifested(found: Found): Promise<ModelSpec> {
  const manifest = parseManifest(await readText(found.path));
  if (manifest.name !== found.name || manifest.version !== found.version) {
    throw new AppError(
      'MODEL_INVALID',
      `The manifest names ${manifest.name}/${manifest.version}; its folder says ${found.name}/${found.version}.`,
    );
  }
  const path = join(found.path, '..', manifest.file);
  const { file, ...content } = await readOnnx(path);
  const digest = content.digest.toString('hex');
  if (digest !== manifest.sha256) {
    throw new AppError(
      'MODEL_INVALID',
      `${manifest.file} has the SHA-256 ${digest}; the manifest says ${manifest.sha256}.`,
    );
  }
  const { name, version } = manifest;
  return { ...toSpec(manifest, file), name, version, path, ...content };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('MODEL_INVALID', 'The manifest cannot be read.', { cause: error });
  }
}

interface Content {
  readonly file: OnnxFile;
  readonly digest: Buffer;
  readonly weightFiles: readonly string[];
}

async function readOnnx(path: string): Promise<Content> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AppError('MODEL_INVALID', `The file ${basename(path)} cannot be read.`, {
      cause: error,
    });
  }
  const file = parseOnnxFile(bytes);
  const digest = createHash('sha256').update(bytes).digest();
  if (file.weightFiles.length === 0) return { file, digest, weightFiles: [] };
  const lines = createHash('sha256').update(sumLine(digest, basename(path)));
  const weightFiles: string[] = [];
  for (const name of file.weightFiles) {
    const weights = weightsPath(path, name);
    lines.update(sumLine(await hashWeights(weights), name));
    weightFiles.push(weights);
  }
  return { file, digest: lines.digest(), weightFiles };
}

/** As `sha256sum` prints it. */
function sumLine(digest: Buffer, name: string): string {
  return `${digest.toString('hex')}  ${name}\n`;
}

function weightsPath(model: string, name: string): string {
  // A model may not name any file of this machine; what lies beside it is seen to change.
  if (!/[/\\]/.test(name)) return join(dirname(model), name);
  throw new AppError('MODEL_INVALID', `Its weights are not beside it, but in ${name}.`);
}

async function hashWeights(path: string): Promise<Buffer> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (cause) {
    const what = `Its weights are in ${basename(path)}, which cannot be read beside it.`;
    throw new AppError('MODEL_INVALID', `${what} Put that file there, or save them in the model.`, {
      cause,
    });
  }
  return hash.digest();
}
