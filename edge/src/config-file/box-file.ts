import { dirname, resolve } from 'node:path';
import { nearest, type Problem } from '@demeter/common/edge-configuration/problems';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import type { SettingName } from '@demeter/common/settings';
import { type CameraEntry, CamerasFileSchema, type FileConfig, FileSchema } from './file-schema.ts';
import { invalid, type Located, readLocatedYaml, toLine } from './located-yaml.ts';

const FILE_SETTING = 'DEMETER_EDGE_CONFIG';
const CAMERAS_SETTING = 'DEMETER_EDGE_CAMERAS';
const GB = 1_000_000_000;

/** Reads the box's file. Throws INVALID_SETTING with the line and the reason of each problem. */
export function readBoxFile(path: string): Located<FileConfig> {
  const located = readLocatedYaml(path, FileSchema, FILE_SETTING);
  refuse(FILE_SETTING, contradictionsOf(located.value), located);
  return located;
}

/** Reads a file that names cameras only. Throws like readBoxFile. */
export function readCamerasFile(path: string): readonly CameraEntry[] {
  const located = readLocatedYaml(path, CamerasFileSchema, CAMERAS_SETTING);
  refuse(CAMERAS_SETTING, contradictionsOf(located.value), located);
  return located.value.cameras;
}

function refuse(setting: string, problems: readonly Problem[], { whereIs }: Located<unknown>) {
  if (problems.length === 0) return;
  throw invalid(
    setting,
    problems.map((problem) => toLine(problem, whereIs)),
  );
}

/** What no schema says: each value is possible, but not beside the others. */
function contradictionsOf({ cameras = [], watch = [] }: FileConfig): Problem[] {
  const problems: Problem[] = [];
  const codes = cameras.map(({ code }) => code);
  cameras.forEach(({ code, source, timetable, location_code, location_id }, index) => {
    if (codes.indexOf(code) !== index) {
      problems.push({ path: ['cameras', index, 'code'], reason: `${code} stands here twice` });
    }
    if (location_code !== undefined && location_id !== undefined) {
      const reason = 'stands beside location_code: one of them is enough';
      problems.push({ path: ['cameras', index, 'location_id'], reason });
    }
    if (source?.snapshot && !timetable) {
      const reason = 'needs a timetable beside it, as { every: 15m }';
      problems.push({ path: ['cameras', index, 'source', 'snapshot'], reason });
    }
  });
  const known = (path: Problem['path'], code: string | undefined) => {
    if (code === undefined || codes.length === 0 || codes.includes(code)) return;
    problems.push({ path, reason: `${code} is no camera of this file: ${nearest(code, codes)}` });
  };
  watch.forEach(({ camera, subfolders = [] }, index) => {
    known(['watch', index, 'camera'], camera);
    subfolders.forEach((sub, at) => {
      known(['watch', index, 'subfolders', at, 'camera'], sub.camera);
    });
  });
  return problems;
}

/** A setting that the file gives, as its variable would, and where it stands there. */
export interface FromFile {
  readonly text: string;
  readonly where: string;
}

/** Settings with a variable of their own: the variable goes before the file. */
export function settingsOfFile(
  path: string,
  { value, whereIs }: Located<FileConfig>,
): Partial<Record<SettingName, FromFile>> {
  const found: Partial<Record<SettingName, FromFile>> = {};
  const take = (name: SettingName, at: readonly string[], text: string | number | undefined) => {
    if (text !== undefined) found[name] = { text: String(text), where: whereIs(at) };
  };
  const { data_folder: data, listen, core, quota } = value;
  take('DEMETER_EDGE_DATA', ['data_folder'], data && resolve(dirname(path), data));
  take('DEMETER_EDGE_HOST', ['listen', 'host'], listen?.host);
  take('DEMETER_EDGE_PORT', ['listen', 'port'], listen?.port);
  take('DEMETER_EDGE_CORE_URL', ['core', 'url'], core?.url);
  const bytes = quota?.gb_max === undefined ? undefined : Math.round(quota.gb_max * GB);
  take('DEMETER_EDGE_BYTES_MAX', ['quota', 'gb_max'], bytes);
  take('DEMETER_EDGE_KEEP_HOURS', ['quota', 'keep_hours'], quota?.keep_hours);
  return found;
}

/** What the centre may set too, as the file sets it. */
export function tuningOfFile(file: FileConfig): EdgeConfiguration {
  const { time_zone, thresholds, policies, forwarding, cameras = [] } = file;
  return {
    ...(time_zone === undefined ? {} : { time_zone }),
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(policies === undefined ? {} : { policies }),
    ...(forwarding === undefined ? {} : { forwarding }),
    cameras: tuningOfCameras(cameras),
  };
}

/** Thresholds and timetables by the camera's code. */
export function tuningOfCameras(
  cameras: readonly CameraEntry[],
): NonNullable<EdgeConfiguration['cameras']> {
  return Object.fromEntries(
    cameras.map(({ code, thresholds, timetable }) => [
      code,
      { ...(thresholds ? { thresholds } : {}), ...(timetable ? { timetable } : {}) },
    ]),
  );
}
