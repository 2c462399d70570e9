import type { Intake } from '../buffer/intake.ts';
import { SnapshotCamera } from '../snapshots/snapshot-camera.ts';
import type { Base } from './base.ts';

/** Cameras that are asked for their photos, each in a loop of its own. */
export function createSnapshotCameras(base: Base, intake: Intake): SnapshotCamera[] {
  const { config, tuning, clock, random, log, events } = base;
  return config.snapshots.map(
    (source) =>
      new SnapshotCamera({
        ...source,
        intake,
        tuning,
        clock,
        random,
        log,
        bytesMax: config.limits.bytesMax,
        onShot: (result, shots) => events.shots.inc({ camera: source.camera.code, result }, shots),
      }),
  );
}
