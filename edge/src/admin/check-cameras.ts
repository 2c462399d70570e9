import { join } from 'node:path';
import { ANONYMOUS_CAMERA } from '../cameras.ts';
import type { EdgeConfig } from '../config.ts';
import { readPlaces } from '../places/centre-places.ts';
import { type Taken, takeHttpSnapshot } from '../snapshots/http-snapshot.ts';
import { MissedShot } from '../snapshots/missed.ts';
import { findFfmpeg, isRtsp, takeRtspSnapshot } from '../snapshots/rtsp-snapshot.ts';
import type { SnapshotConfig } from '../sources.ts';
import type { Finding } from './check.ts';

const TIMEOUT_MS = 10_000;
/** Enough to see that a photo is coming. */
const HEAD_BYTES = 64;

/** Who may send, and where they hang. */
export async function checkCameras(config: EdgeConfig): Promise<Finding[]> {
  const what = 'cameras';
  if (config.cameras.includes(ANONYMOUS_CAMERA)) {
    return [{ level: 'note', what, finding: 'no keys: any program on this box may send' }];
  }
  const names = config.cameras.map(({ code, keySha256 }) =>
    keySha256 ? code : `${code} (no key)`,
  );
  const hint = '`admin.ts camera CODE` makes a key for one that pushes its photos.';
  const keyless = config.cameras.some(({ keySha256 }) => keySha256 === null);
  const finding = names.join(', ') || 'none';
  return [
    { level: 'ok', what, finding, ...(keyless ? { hint } : {}) },
    ...(await checkPlaces(config)),
  ];
}

/** Places of cameras that the centre did not name when it was last asked; it may have them since. */
async function checkPlaces({ cameras, dataFolder }: EdgeConfig): Promise<Finding[]> {
  const known = await readPlaces(join(dataFolder, 'places.json'));
  if (!known || known.truncated) return [];
  const codes = new Set(known.places.map(({ code }) => code));
  return cameras.flatMap(({ code, locationCode }): Finding[] => {
    if (locationCode === null || codes.has(locationCode)) return [];
    const finding = `the centre knows no place ${locationCode}, where ${code} hangs`;
    const hint = 'Correct its location_code, or add the place at the centre.';
    return [{ level: 'note', what: 'place', finding, hint }];
  });
}

/** Asks each snapshot camera once, without keeping what it sends. */
export async function checkSnapshots({ snapshots }: EdgeConfig): Promise<Finding[]> {
  const overRtsp = snapshots.some(({ snapshot }) => isRtsp(snapshot.url));
  const program = findFfmpeg();
  const ffmpeg: Finding[] = !overRtsp
    ? []
    : [
        program === null
          ? {
              level: 'wrong',
              what: 'ffmpeg',
              finding: 'not found: RTSP cameras cannot be asked',
              hint: 'Install ffmpeg, or give the camera’s HTTP snapshot address.',
            }
          : { level: 'ok', what: 'ffmpeg', finding: program },
      ];
  return [...ffmpeg, ...(await Promise.all(snapshots.map(checkSnapshot)))];
}

async function checkSnapshot({ camera, snapshot }: SnapshotConfig): Promise<Finding> {
  const what = 'snapshot camera';
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const taken = isRtsp(snapshot.url)
      ? takeRtspSnapshot(snapshot, signal)
      : await takeHttpSnapshot(snapshot, signal);
    const bytes = await headOf(taken);
    if (bytes > 0) return { level: 'ok', what, finding: `${camera.code} sends a picture` };
    throw new Error('the camera sent nothing');
  } catch (error) {
    const finding = `${camera.code}: ${(error as Error).message}`;
    return { level: 'wrong', what, finding, hint: hintOf(error) };
  }
}

function hintOf(error: unknown): string {
  return error instanceof MissedShot && error.hint
    ? error.hint
    : 'Check its address, login and cable.';
}

async function headOf({ chunks }: Taken): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return bytes;
}
