import { announcedName } from '../announce/addresses.ts';
import { announce } from '../announce/mdns.ts';
import type { Intake } from '../buffer/intake.ts';
import type { Camera } from '../cameras.ts';
import type { Condition } from '../http/health.ts';
import type { PageOptions } from '../http/page.ts';
import { JudgeProcess } from '../judge/judge-process.ts';
import { BackOff } from '../pairing/back-off.ts';
import { cameraOf, Devices } from '../pairing/devices.ts';
import { PhotoEye } from '../photos/photo-eye.ts';
import type { CentrePlaces } from '../places/centre-places.ts';
import { knownPlaces } from '../places/known-places.ts';
import { UploadSweeper } from '../uploads/sweeper.ts';
import { UploadStore } from '../uploads/upload-store.ts';
import type { Base } from './base.ts';

interface Needs {
  readonly intake: Intake;
  readonly condition: Condition;
  readonly centrePlaces: CentrePlaces | null;
  readonly stopping: AbortSignal;
  /** Something is to be sent. */
  readonly wake: () => void;
}

/** The box's own page. */
export function createPage(base: Base, needs: Needs) {
  const { intake, condition, centrePlaces, stopping, wake } = needs;
  const { config, journal, spool, disk, clock, log, alarms, pace } = base;
  const { bytesMax } = config.limits;
  const devices = new Devices(journal, clock);
  const eye = new PhotoEye(new JudgeProcess());
  const store = new UploadStore({
    folder: config.dataFolder,
    journal,
    devices,
    intake,
    quotaBytes: config.values.DEMETER_EDGE_BYTES_MAX,
    disk,
    clock,
    onAlarm: (kind, error) => alarms.raise(kind, error),
  });
  const cameras = camerasOf(base);
  const nameOf = (code: string) => {
    const all = [...cameras, ...devices.list().map(cameraOf)];
    return all.find((camera) => camera.code === code)?.name ?? code;
  };
  const options: Omit<PageOptions, 'urls'> = {
    devices,
    backOff: new BackOff(() => clock.monotonic()),
    clock,
    dataFolder: config.dataFolder,
    condition,
    cameras,
    names: { nameOf },
    journal,
    eye,
    spool,
    pathOf: (sha256) => spool.pathOf(sha256),
    now: () => clock.now(),
    wake,
    places: () => ({
      places: knownPlaces(journal, cameras, centrePlaces?.all ?? []),
      truncated: centrePlaces?.truncated ?? false,
    }),
    store,
    bytesMax,
    stopping,
    pace,
  };
  return { options, sweeper: new UploadSweeper(store, clock, log), stop: () => eye.stop() };
}

/** Those of the file and of watched folders, each once. */
function camerasOf({ config }: Base): Camera[] {
  const all = [...config.cameras, ...config.watches.map(({ camera }) => camera)];
  return all.filter((camera, at) => all.findIndex(({ code }) => code === camera.code) === at);
}

/** Announces the box where others can reach it. */
export function startAnnouncement({ config, log }: Base, port: number) {
  const name = announcedName(config.values);
  return name === null ? null : announce({ name, port, log });
}
