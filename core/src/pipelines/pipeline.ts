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
  readonly roles: { readonly plants: RoleModel };
  readonly tiling: Tiling;
}

export function toDefinition(plants: RoleModel, tiling: Tiling): PipelineDefinition {
  return { version: PIPELINE_VERSION, roles: { plants }, tiling };
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

/** DEMETER_PLANTS_MODEL: `NAME` or `NAME/VERSION`. */
export function parseModelName(setting: string): { name: string; version: string | undefined } {
  const at = setting.indexOf('/');
  if (at < 0) return { name: setting, version: undefined };
  return { name: setting.slice(0, at), version: setting.slice(at + 1) };
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
  setting: string,
  offered: readonly OfferedModel[],
  activeDigest: string | undefined,
): OfferedModel | undefined {
  const wanted = parseModelName(setting);
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
export function toPipelineMessage({ roles, tiling }: PipelineDefinition): Pipeline {
  const { plants } = roles;
  return {
    models: [
      {
        role: 'plants',
        name: plants.name,
        version: plants.version,
        digest: Buffer.from(plants.digest, 'hex'),
        ...(plants.confidence === undefined ? {} : { confidence: plants.confidence }),
        ...(plants.iou === undefined ? {} : { iou: plants.iou }),
      },
    ],
    tiling: {
      mode: MODES[tiling.mode],
      tile_px: tiling.mode === 'fixed' ? tiling.tile_px : 0,
    },
  };
}
