import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import type { Intake } from '../buffer/intake.ts';
import { Nudge } from '../nudge.ts';
import type { SnapshotConfig } from '../sources.ts';
import type { Tuning } from '../tuning.ts';
import { type Taken, takeHttpSnapshot } from './http-snapshot.ts';
import { MissedShot } from './missed.ts';
import { intervalMs, nextShot } from './next-shot.ts';
import { isRtsp, takeRtspSnapshot } from './rtsp-snapshot.ts';

export interface SnapshotCameraOptions extends SnapshotConfig {
  readonly intake: Intake;
  readonly tuning: Tuning;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Largest photo in bytes: what is reserved where a camera announces no size. */
  readonly bytesMax: number;
  readonly onShot: (result: 'taken' | 'missed', shots: number) => void;
}

/** How a camera that is asked does. */
export interface ShotReport {
  readonly camera: string;
  /** UTC ms; null: none since the start. */
  readonly lastTakenAt: number | null;
  /** Since the start. */
  readonly missed: number;
  /** Why the last shot was missed; null: it was not. */
  readonly trouble: string | null;
}

const TIMEOUT_S = 20;
/** Cameras on one switch are not asked in the same moment. */
const JITTER_MS_MAX = 2_000;
const JITTER_SHARE = 0.1;
/** A camera that does not answer is asked less and less often, at most this seldom. */
const BACKOFF_MS_MAX = 900_000;
/** The timetable may be changed by the centre: it is looked at this often at least. */
const LOOK_MS = 60_000;

/**
 * Asks one camera for photos by its timetable, one shot after the other: a camera that hangs holds
 * up nobody else, and is never asked twice at once. Shots that its timetable asks for and that do
 * not become photos are counted as missed, those skipped while it does not answer too.
 */
export class SnapshotCamera {
  #failures = 0;
  #missed = 0;
  #lastTakenAt: number | null = null;
  #trouble: string | null = null;

  constructor(private readonly options: SnapshotCameraOptions) {}

  get report(): ShotReport {
    return {
      camera: this.options.camera.code,
      lastTakenAt: this.#lastTakenAt,
      missed: this.#missed,
      trouble: this.#trouble,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const pause = new Nudge(clock);
    let due: number | null = null;
    let [plan, before] = ['', Number.POSITIVE_INFINITY];
    while (!signal.aborted) {
      const now = clock.now();
      const timetable = JSON.stringify(this.options.tuning.timetableOf(this.options.camera.code));
      // Another timetable, or a wall clock that was set back.
      if (timetable !== plan || now < before) due = this.#dueAfter(now);
      [plan, before] = [timetable, now];
      if (due === null || now < due) {
        await pause.wait(Math.min((due ?? Number.POSITIVE_INFINITY) - now, LOOK_MS), signal);
        continue;
      }
      await pause.wait(this.#jitterMs(), signal);
      if (signal.aborted) return;
      await this.#shoot(signal);
      due = this.#after(due);
    }
  }

  #dueAfter(at: number): number | null {
    const { tuning, camera } = this.options;
    const timetable = tuning.timetableOf(camera.code);
    return timetable === null ? null : nextShot(timetable, at);
  }

  /** The next shot after one that has ended; those that went by meanwhile are missed. */
  #after(shot: number): number | null {
    const { clock, tuning, camera, random } = this.options;
    const timetable = tuning.timetableOf(camera.code);
    if (timetable === null) return null;
    const every = intervalMs(timetable);
    // The second failure in a row begins it: one lost shot is no reason to lose another.
    const doublings = Math.min(this.#failures - 1, 20);
    const backOffMs =
      doublings < 1 ? 0 : random() * Math.min(every * 2 ** doublings, BACKOFF_MS_MAX);
    const from = Math.max(clock.now() + backOffMs, shot);
    let skipped = 0;
    for (let at = nextShot(timetable, shot); at !== null && at <= from; skipped++) {
      if (skipped * every > BACKOFF_MS_MAX * 4) break;
      at = nextShot(timetable, at);
    }
    if (skipped > 0) this.#miss(skipped);
    return nextShot(timetable, from);
  }

  async #shoot(signal: AbortSignal): Promise<void> {
    const { camera, log, onShot, clock } = this.options;
    const correlationId = newId();
    await withLogContext({ correlation_id: correlationId }, async () => {
      try {
        const accepted = await withSpan('edge snapshot', {}, () =>
          this.#take(correlationId, signal),
        );
        log.info({ camera: camera.code, sha256: accepted.sha256 }, 'took a snapshot');
        if (this.#trouble !== null) log.info({ camera: camera.code }, 'the camera answers again');
        this.#failures = 0;
        this.#trouble = null;
        this.#lastTakenAt = clock.now();
        onShot('taken', 1);
      } catch (error) {
        if (signal.aborted) return;
        const known = error instanceof MissedShot || error instanceof AppError;
        const why = known ? error.message : 'it failed inside the edge';
        // Said once, not with every shot of a camera that is off for the winter.
        const level = why === this.#trouble ? 'debug' : 'warn';
        log[level]({ camera: camera.code, err: error }, `missed a shot: ${why}`);
        this.#failures++;
        this.#trouble = why;
        this.#miss(1);
      }
    });
  }

  #miss(shots: number): void {
    this.#missed += shots;
    this.options.onShot('missed', shots);
  }

  async #take(correlationId: string, stop: AbortSignal) {
    const { camera, snapshot, intake, clock, bytesMax } = this.options;
    const timeoutMs = (snapshot.timeout_seconds ?? TIMEOUT_S) * 1000;
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal, AbortSignal.timeout(timeoutMs)]);
    const askedAt = clock.now();
    try {
      const taken: Taken = isRtsp(snapshot.url)
        ? takeRtspSnapshot(snapshot, signal)
        : await takeHttpSnapshot(snapshot, signal);
      const sizeBytes = Math.min(taken.sizeBytes ?? bytesMax, bytesMax);
      return await intake.accept(taken.chunks, sizeBytes, () => ({
        camera,
        fileName: null,
        // Dated by this box, like a file.
        capturedAt: new Date(askedAt).toISOString(),
        capturedAtSource: 'file',
        locationCode: null,
        expectedSha256: null,
        correlationId,
        traceparent: currentTraceparent() ?? null,
      }));
    } finally {
      // A photo for which there is no room was not read: the camera is not left hanging.
      ended.abort();
    }
  }

  #jitterMs(): number {
    const { tuning, camera, random } = this.options;
    const timetable = tuning.timetableOf(camera.code);
    const every = timetable === null ? 0 : intervalMs(timetable);
    return random() * Math.min(JITTER_MS_MAX, every * JITTER_SHARE);
  }
}
