import { isDeepStrictEqual } from 'node:util';
import { canonicalDigest } from '@demeter/common/canonical';
import { AppError } from '@demeter/common/errors';
import type { Pipeline } from '@demeter/proto';

/** Raised when the meaning of a run changes without its models or parameters changing. */
const PIPELINE_VERSION = 1;

/** One model in one role. `digest`: SHA-256 of the file, hex. */
export interface RoleModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly confidence?: number;
  readonly iou?: number;
}

export type Tiling =
  | { readonly mode: 'manifest' | 'auto' | 'off' }
  | { readonly mode: 'fixed'; readonly tile_px: number };

/** What a run is made with; its SHA-256 in canonical JSON is the pipeline's digest. */
export interface PipelineDefinition {
  readonly version: number;
  /** Several are an ensemble, in the order of their names: servers fuse what they find. */
  readonly roles: { readonly plants: RoleModel | readonly RoleModel[] };
  readonly tiling: Tiling;
  /** Servers draw what they find, where a model can. */
  readonly masks?: true;
}

/** An ensemble of one is that one; the order in which models are named changes nothing. */
export function toDefinition(
  plants: RoleModel | readonly RoleModel[],
  tiling: Tiling,
): PipelineDefinition {
  const models = [plants].flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  const [only] = models;
  const role = models.length === 1 && only ? only : models;
  return { version: PIPELINE_VERSION, roles: { plants: role }, tiling };
}

/** The models that count, one or several. */
export function modelsOf({ roles }: Pick<PipelineDefinition, 'roles'>): readonly RoleModel[] {
  return [roles.plants].flat();
}

/** `plants/1`, or of an ensemble `plants/1, roses/2`. */
export function titleOf(definition: Pick<PipelineDefinition, 'roles'>): string {
  return modelsOf(definition)
    .map(({ name, version }) => `${name}/${version}`)
    .join(', ');
}

/** 32 bytes. */
export function pipelineDigest(definition: PipelineDefinition): Buffer {
  return canonicalDigest(definition);
}

/** DEMETER_TILING. Throws INVALID_SETTING. */
export function parseTiling(setting: string): Tiling {
  if (setting === 'manifest' || setting === 'auto' || setting === 'off') return { mode: setting };
  const tilePx = Number(setting);
  if (Number.isSafeInteger(tilePx) && tilePx >= 64 && tilePx <= 8192) {
    return { mode: 'fixed', tile_px: tilePx };
  }
  throw new AppError(
    'INVALID_SETTING',
    'DEMETER_TILING must be manifest, auto, off, or a tile size from 64 to 8192 pixels.',
    { field: 'DEMETER_TILING' },
  );
}

export interface WantedModel {
  readonly name: string;
  /** Undefined: the highest there is. */
  readonly version: string | undefined;
}

/** `NAME` or `NAME/VERSION`. */
export function parseModelName(text: string): WantedModel {
  const at = text.indexOf('/');
  if (at < 0) return { name: text, version: undefined };
  return { name: text.slice(0, at), version: text.slice(at + 1) };
}

/**
 * DEMETER_PLANTS_MODEL, or what a client asks for: one or several `NAME` or `NAME/VERSION`, separated
 * by commas. Throws INVALID_SETTING: an empty name, or one that stands there twice.
 */
export function parseModelNames(text: string): WantedModel[] {
  const wanted = text.split(',').map((part) => parseModelName(part.trim()));
  const names = wanted.map(({ name }) => name);
  if (wanted.every(({ name, version }) => name !== '' && version !== '')) {
    if (new Set(names).size === names.length) return wanted;
  }
  throw new AppError(
    'INVALID_SETTING',
    'DEMETER_PLANTS_MODEL must be NAME or NAME/VERSION, or several with commas, each name once.',
    { field: 'DEMETER_PLANTS_MODEL' },
  );
}

/** A model that some server has loaded. */
export interface OfferedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/**
 * The model for a role among those that servers offer: the one named, in the version named or
 * else the highest; of several files under one version the one that is active, else the one most
 * servers hold. Undefined: none is offered. Pure.
 */
export function chooseModel(
  wanted: WantedModel,
  offered: readonly OfferedModel[],
  activeDigest: string | undefined,
): OfferedModel | undefined {
  const named = offered.filter(
    (model) =>
      model.name === wanted.name &&
      (wanted.version === undefined || model.version === wanted.version),
  );
  const holders = (model: OfferedModel) => named.filter((m) => m.digest === model.digest).length;
  const isActive = (model: OfferedModel) => (model.digest === activeDigest ? 0 : 1);
  const [best] = named.sort(
    (a, b) =>
      compareVersions(b.version, a.version) ||
      isActive(a) - isActive(b) ||
      holders(b) - holders(a) ||
      (a.digest < b.digest ? -1 : 1),
  );
  return best && { name: best.name, version: best.version, digest: best.digest };
}

/**
 * What is chosen for each of `wanted` by `chooseModel`, all of it from one server, since a photo is
 * counted by one; the first named is chosen first. Empty: no server has them all. Pure.
 */
export function chooseTogether(
  wanted: readonly WantedModel[],
  servers: readonly (readonly OfferedModel[])[],
  active: readonly OfferedModel[],
): OfferedModel[] {
  let able = havingAll(wanted, servers);
  return wanted.flatMap((one) => {
    const activeDigest = active.find(({ name }) => name === one.name)?.digest;
    const best = chooseModel(one, able.flat(), activeDigest);
    if (best === undefined) return [];
    able = able.filter((models) => models.some((model) => isDeepStrictEqual(model, best)));
    return best;
  });
}

/** The servers, each as what it offers, that have some file of every model wanted. Pure. */
export function havingAll(
  wanted: readonly WantedModel[],
  servers: readonly (readonly OfferedModel[])[],
): (readonly OfferedModel[])[] {
  return servers.filter((models) =>
    wanted.every((one) => chooseModel(one, models, undefined) !== undefined),
  );
}

/** Numbers inside a version count as numbers: 9 < 10, 1.9 < 1.10. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

const MODES = {
  manifest: 'MODE_UNSPECIFIED',
  auto: 'MODE_AUTO',
  off: 'MODE_OFF',
  fixed: 'MODE_FIXED',
} as const;

/** The message that travels with each photo. */
export function toPipelineMessage({ roles, tiling, masks }: PipelineDefinition): Pipeline {
  return {
    models: modelsOf({ roles }).map(({ name, version, digest, confidence, iou }) => ({
      role: 'plants',
      name,
      version,
      digest: Buffer.from(digest, 'hex'),
      ...(confidence === undefined ? {} : { confidence }),
      ...(iou === undefined ? {} : { iou }),
    })),
    tiling: {
      mode: MODES[tiling.mode],
      tile_px: tiling.mode === 'fixed' ? tiling.tile_px : 0,
    },
    masks: masks ?? false,
  };
}
