import { dirname, resolve } from 'node:path';
import type { Values } from '@demeter/common/config';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import { ANONYMOUS_CAMERA, type Camera, toCamera } from './cameras.ts';
import { readCamerasFile, tuningOfCameras, tuningOfFile } from './config-file/box-file.ts';
import type { CameraEntry, FileConfig, Snapshot, WatchEntry } from './config-file/file-schema.ts';

/** A folder into which cameras drop files. */
export interface WatchConfig {
  readonly folder: string;
  /** Of a photo that no sub-folder gives to another. */
  readonly camera: Camera;
  readonly subfolders: readonly Subfolder[];
  readonly accepted: AcceptedRule;
}

/** Photos in sub-folders that match belong to this camera; the first that matches counts. */
export interface Subfolder {
  /** A glob of the path below the watched folder, without the file's name. */
  readonly pattern: string;
  readonly camera: Camera;
}

/** What of `.accepted/` stays: the younger, and of those the newest that fit. */
export interface AcceptedRule {
  readonly keepMs: number;
  readonly bytesMax: number;
}

/** A camera that is asked for its photos. */
export interface SnapshotConfig {
  readonly camera: Camera;
  readonly snapshot: Snapshot;
}

/** Where photos come from. */
export interface Sources {
  readonly cameras: readonly Camera[];
  readonly watches: readonly WatchConfig[];
  readonly snapshots: readonly SnapshotConfig[];
  /** What the centre may set too. */
  readonly tuning: EdgeConfiguration;
}

const DAY_MS = 86_400_000;
const GB = 1_000_000_000;
/** The photos are safe in the spool by then: the copies are for people who look for them. */
const ACCEPTED_DEFAULT = { keep_days: 7, gb_max: 2 };

/**
 * Sources by the box's file and, where they are set, by DEMETER_EDGE_CAMERAS and
 * DEMETER_EDGE_WATCH, which go before it. Throws INVALID_SETTING.
 */
export function sourcesOf(values: Values, path: string | undefined, file: FileConfig): Sources {
  const ownCameras = values.DEMETER_EDGE_CAMERAS;
  const entries = ownCameras ? readCamerasFile(resolve(ownCameras)) : (file.cameras ?? []);
  const cameras = camerasOf(values, entries, Boolean(ownCameras) || file.cameras !== undefined);
  const baseOf = (from: string | undefined) => (from ? dirname(resolve(from)) : process.cwd());
  const base = baseOf(ownCameras ?? path);
  const watches =
    values.DEMETER_EDGE_WATCH.length > 0
      ? values.DEMETER_EDGE_WATCH.map((text) => parseWatch(text, cameras))
      : (file.watch ?? []).map((entry) => toWatch(entry, baseOf(path), cameras));
  const { cameras: _, ...tuning } = tuningOfFile(file);
  return {
    cameras,
    watches: [...watches, ...foldersOf(entries, base)],
    snapshots: entries.flatMap((entry) =>
      entry.source?.snapshot
        ? [{ camera: toCamera(entry), snapshot: withPaths(entry.source.snapshot, base) }]
        : [],
    ),
    tuning: { ...tuning, cameras: tuningOfCameras(entries) },
  };
}

function camerasOf(
  values: Values,
  entries: readonly CameraEntry[],
  named: boolean,
): readonly Camera[] {
  if (named) return entries.map(toCamera);
  if (values.APP_ENV === 'development' && isLoopback(values.DEMETER_EDGE_HOST)) {
    return [ANONYMOUS_CAMERA];
  }
  throw new AppError(
    'INVALID_SETTING',
    'DEMETER_EDGE_CONFIG must name a file with cameras, except in development on loopback.',
    { field: 'DEMETER_EDGE_CONFIG', hint: 'docs/edge.md shows the file.' },
  );
}

/** `FOLDER` or `CAMERA=FOLDER`. */
function parseWatch(text: string, cameras: readonly Camera[]): WatchConfig {
  const [, code, folder] = /^(?:([A-Za-z0-9._-]+)=)?(.+)$/.exec(text) ?? [];
  if (folder === undefined) throw invalid('DEMETER_EDGE_WATCH must be FOLDER or CAMERA=FOLDER.');
  const known = cameras.some((camera) => camera.code === code);
  if (code !== undefined && !known && !cameras.includes(ANONYMOUS_CAMERA)) {
    throw invalid(`DEMETER_EDGE_WATCH names the camera ${code}, which is not configured.`);
  }
  return toWatch({ folder, ...(code === undefined ? {} : { camera: code }) }, '', cameras);
}

function toWatch(entry: WatchEntry, base: string, cameras: readonly Camera[]): WatchConfig {
  const camera = (code: string) =>
    cameras.find((candidate) => candidate.code === code) ?? {
      ...ANONYMOUS_CAMERA,
      code,
      name: code,
    };
  const { keep_days: days, gb_max: gb } = { ...ACCEPTED_DEFAULT, ...entry.accepted };
  return {
    folder: resolve(base, entry.folder),
    camera: entry.camera === undefined ? ANONYMOUS_CAMERA : camera(entry.camera),
    subfolders: [
      ...(entry.subfolders ?? []).map((sub) => ({
        pattern: sub.pattern,
        camera: camera(sub.camera),
      })),
      // As given: a sub-folder with the name of a camera is that camera's. A code has no wildcards.
      ...cameras.flatMap((known) => [
        { pattern: known.code, camera: known },
        { pattern: `${known.code}/**`, camera: known },
      ]),
    ],
    accepted: { keepMs: days * DAY_MS, bytesMax: gb * GB },
  };
}

/** Folders that stand with their camera. */
function foldersOf(entries: readonly CameraEntry[], base: string): WatchConfig[] {
  return entries.flatMap((entry) => {
    const folder = entry.source?.folder;
    if (folder === undefined) return [];
    return [{ ...toWatch({ folder }, base, []), camera: toCamera(entry) }];
  });
}

/** Files of secrets are named from where the configuration stands. */
function withPaths(snapshot: Snapshot, base: string): Snapshot {
  const at = <T extends { readonly file?: string }>(secret: T): T =>
    secret.file === undefined ? secret : { ...secret, file: resolve(base, secret.file) };
  return {
    ...snapshot,
    ...(snapshot.password ? { password: at(snapshot.password) } : {}),
    ...(snapshot.header ? { header: at(snapshot.header) } : {}),
  };
}

function invalid(message: string): AppError {
  return new AppError('INVALID_SETTING', message, { field: message.split(' ')[0] });
}
