import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DurableFolders, errnoOf } from '@demeter/common/durable-files';
import { problemsOf } from '@demeter/common/edge-configuration/problems';
import {
  type EdgeConfiguration,
  EdgeConfigurationSchema,
} from '@demeter/common/edge-configuration/schema';
import type { Disk } from '../buffer/disk.ts';
import { ManifestRefused, type Piece, readVerified } from './manifest.ts';
import { NOTHING, type PulledState } from './trial.ts';

export interface InForce {
  readonly version: number;
  readonly configuration: EdgeConfiguration;
  readonly onTrial: boolean;
}

/** One version as it lies on the disk: the signed manifest and the very bytes that it names. */
export interface PulledVersion {
  readonly manifest: string;
  readonly document: string;
}

/** What a version says. */
export interface VersionContent {
  readonly configuration: EdgeConfiguration;
  /** Files of models. */
  readonly models: readonly Piece[];
}

/**
 * What was pulled, in `configuration/` of the data folder: `state.json`, and a file for each
 * version that is in force or good. A file is written under another name, flushed, renamed, and its
 * folder flushed: after a power cut it is the old one or the new one.
 */
export class ConfigurationFolder {
  readonly #folders: DurableFolders;
  readonly path: string;

  constructor(
    dataFolder: string,
    private readonly disk: Disk,
  ) {
    this.path = join(dataFolder, 'configuration');
    this.#folders = new DurableFolders(dataFolder, disk);
  }

  /** What is in force; where the file is no JSON of ours, nothing is. */
  async readState(): Promise<PulledState> {
    const text = await this.#read('state.json');
    if (text === null) return NOTHING;
    try {
      return { ...NOTHING, ...(JSON.parse(text) as PulledState) };
    } catch {
      return NOTHING;
    }
  }

  async writeState(state: PulledState): Promise<void> {
    await this.#write('state.json', JSON.stringify(state));
  }

  async writeVersion(version: number, pulled: PulledVersion): Promise<void> {
    await this.#write(`${version}.json`, JSON.stringify(pulled));
  }

  /** Throws ManifestRefused if it is not what was pulled. */
  async readVersion(version: number): Promise<VersionContent> {
    const text = await this.#read(`${version}.json`);
    if (text === null) throw new ManifestRefused('changed', `version ${version} is not here`);
    let pulled: PulledVersion;
    try {
      pulled = JSON.parse(text) as PulledVersion;
    } catch (cause) {
      throw new ManifestRefused('changed', `version ${version} cannot be read`, { cause });
    }
    return checkVersion(pulled);
  }

  /** SHA-256 (hex) of the manifest of a version, as the centre gave it; null: it is not here. */
  async manifestSha256(version: number): Promise<string | null> {
    const text = await this.#read(`${version}.json`);
    try {
      const { manifest } = JSON.parse(text ?? '') as PulledVersion;
      return createHash('sha256').update(manifest).digest('hex');
    } catch {
      return null;
    }
  }

  /** What is in force now, for looking at it; null: nothing is, or it is spoilt. */
  async readInForce(): Promise<InForce | null> {
    const { applied: version, trial } = await this.readState();
    if (version === null) return null;
    const content = await this.readVersion(version).catch(() => null);
    return content && { version, configuration: content.configuration, onTrial: trial !== null };
  }

  /** Removes versions that nothing needs any more. */
  async prune(keep: readonly (number | null)[]): Promise<void> {
    for (const name of await this.disk.list(this.path)) {
      const version = /^(\d+)\.json$/.exec(name)?.[1];
      if (version !== undefined && !keep.includes(Number(version))) {
        await this.disk.remove(join(this.path, name));
      }
    }
  }

  async #read(name: string): Promise<string | null> {
    try {
      const chunks = await Array.fromAsync(this.disk.read(join(this.path, name)));
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async #write(name: string, text: string): Promise<void> {
    await this.#folders.ensure(this.path);
    const temporary = join(this.path, `.${name}.new`);
    await this.disk.remove(temporary);
    const file = await this.disk.create(temporary);
    try {
      await file.writeFile(text);
      await this.disk.sync(file);
    } finally {
      await file.close();
    }
    await this.disk.rename(temporary, join(this.path, name));
    await this.disk.syncFolder(this.path);
  }
}

/** The bytes must be those that the manifest names, and a configuration. Throws ManifestRefused. */
export function checkVersion({ manifest, document }: PulledVersion): VersionContent {
  const { pieces } = readVerified(manifest);
  const piece = pieces.find(({ name }) => name === 'configuration');
  const sha256 = createHash('sha256').update(document).digest('hex');
  if (piece?.sha256 !== sha256) {
    throw new ManifestRefused('changed', 'its configuration has other bytes than were signed');
  }
  const value: unknown = JSON.parse(document);
  const [problem] = problemsOf(EdgeConfigurationSchema, value);
  if (!problem) {
    const models = pieces.filter((one) => one !== piece);
    return { configuration: value as EdgeConfiguration, models };
  }
  // A newer centre may set what this version of the box does not know.
  throw new ManifestRefused('malformed', `${problem.path.join('.')} ${problem.reason}`);
}
