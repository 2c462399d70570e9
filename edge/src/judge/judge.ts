import type { Clock } from '@demeter/common/clock';
import { errnoOf } from '@demeter/common/durable-files';
import type { Logger } from '@demeter/common/logger';
import { withLogContext } from '@demeter/common/logger';
import type { ExifFacts, Journal, PhotoRow } from '../buffer/journal.ts';
import { isKept, notePolicyAction } from '../buffer/kept.ts';
import { Nudge } from '../nudge.ts';
import { applyPolicy, laneOf } from '../policy/apply.ts';
import type { Tuning } from '../tuning.ts';
import { JudgeCrash, type JudgeProcess, JudgeTooLarge } from './judge-process.ts';
import { type Candidate, findNearDuplicate, NEAR_MS } from './near-duplicate.ts';
import { judge, type Measurement, undecodable, type Verdict } from './verdict.ts';

export interface JudgeOptions {
  readonly journal: Journal;
  readonly process: JudgeProcess;
  readonly tuning: Tuning;
  readonly clock: Clock;
  readonly log: Logger;
  /** Path of the photo's bytes. */
  readonly pathOf: (sha256: string) => string;
  readonly onJudged: (verdict: Verdict | null, sha256: string) => void;
  /** The next photo waits: true for a second at most. */
  readonly camerasFirst: () => boolean;
}

/** A photo that ended the judge this often is quarantined: kept, forwarded, shown. */
const CRASHES_MAX = 2;
/** Starts in a row that may fail before photos go on without a verdict. */
const STARTS_MAX = 3;
/** After those it is started so seldom: a start that hangs would hold up every photo. */
const START_AGAIN_MS = 60_000;
/** Tries of a photo that fails in here, after which it goes on without a verdict. */
const TRIES_MAX = 3;
const TRY_AGAIN = { baseMs: 1_000, maxMs: 10 * 60_000 } as const;
const IDLE_MS = 1_000;
/** So often it looks whether cameras still go first. */
const LOOK_MS = 10;
const DAY_MS = 86_400_000;
/** A clock that shows less was never set: days counted from there would be over at once. */
const CLOCK_SET_MS = Date.UTC(2026, 0, 1);

/** Takes spooled photos one after the other through the judge process and notes its verdicts. */
export class Judge {
  #failedStarts = 0;
  /** Monotonic milliseconds. */
  #failedAt = 0;
  /** Photos that failed in here, until they are judged; `dueAt` in monotonic milliseconds. */
  readonly #failed = new Map<string, { readonly tries: number; readonly dueAt: number }>();
  readonly #nudge: Nudge;

  constructor(private readonly options: JudgeOptions) {
    this.#nudge = new Nudge(options.clock);
  }

  /** False while the judge process cannot be started; photos then go on without a verdict. */
  get available(): boolean {
    return this.#failedStarts < STARTS_MAX;
  }

  /** A photo was accepted. */
  wake(): void {
    this.#nudge.nudge();
  }

  /** Runs until the signal aborts; the photo under way is judged at the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.options.process.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        await this.#letCamerasFirst(signal);
        const row = this.#next();
        if (row) {
          const fields = { correlation_id: row.correlation_id };
          await withLogContext(fields, () => this.#tryToJudge(row, signal));
        } else await this.#nudge.wait(IDLE_MS, signal);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #letCamerasFirst(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.options.camerasFirst()) {
      await this.options.clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  /** The oldest; one that has failed in here waits for its time behind the others. */
  #next(): PhotoRow | undefined {
    const now = this.options.clock.monotonic();
    return this.options.journal
      .inState(['spooled'], 1 + this.#failed.size)
      .find(({ sha256 }) => (this.#failed.get(sha256)?.dueAt ?? now) <= now);
  }

  async #tryToJudge(row: PhotoRow, signal: AbortSignal): Promise<void> {
    try {
      await this.#judge(row, signal);
    } catch (error) {
      // The journal fails for all photos: that is nothing of this one's.
      if (/^SQLITE_(?!CONSTRAINT)/.test(errnoOf(error) ?? '')) throw error;
      this.#failedIn(row, error);
    }
  }

  /** Neither the photo nor the judge process: something in here. It keeps no photo from the centre. */
  #failedIn(row: PhotoRow, error: unknown): void {
    const { journal, log, clock } = this.options;
    const { sha256 } = row;
    if (journal.photo(sha256)?.state !== 'spooled') {
      log.error({ err: error, sha256 }, 'what follows a verdict failed');
      return;
    }
    const tries = (this.#failed.get(sha256)?.tries ?? 0) + 1;
    const pauseMs = Math.min(TRY_AGAIN.maxMs, TRY_AGAIN.baseMs * 2 ** tries);
    this.#failed.set(sha256, { tries, dueAt: clock.monotonic() + pauseMs });
    log.error({ err: error, sha256, tries }, 'a photo was not judged');
    if (tries < TRIES_MAX) return;
    log.error({ sha256 }, 'the photo goes on without a verdict');
    this.#record(row, null, null, null);
  }

  async #judge(row: PhotoRow, signal: AbortSignal): Promise<void> {
    const { process, pathOf, clock } = this.options;
    if (!this.available && clock.monotonic() - this.#failedAt < START_AGAIN_MS) {
      this.#record(row, null, null, null);
      return;
    }
    const request = { path: pathOf(row.sha256), mediaType: row.media_type };
    const measured = await process.measure(request).catch(async (error: unknown) => {
      if (!signal.aborted) await this.#notMeasured(row, error, signal);
      return null;
    });
    if (measured === null) return;
    const { measurement, exif } = measured;
    this.#failedStarts = 0;
    const duplicate = measurement.decoded ? this.#duplicateOf(row, measurement, exif) : null;
    const { width, height } = row;
    const seen = { longSidePx: Math.max(width, height), exposureS: exif.exposure_s ?? null };
    const verdict = judge(
      measurement,
      { ...seen, nearDuplicateOf: duplicate },
      this.options.tuning.thresholdsOf(row.camera),
    );
    this.#record(row, verdict, measurement, exif);
  }

  async #notMeasured(row: PhotoRow, error: unknown, signal: AbortSignal): Promise<void> {
    const { journal, log, clock } = this.options;
    if (error instanceof JudgeTooLarge) {
      log.warn({ sha256: row.sha256 }, error.message);
      this.#record(row, null, null, null);
      return;
    }
    if (!(error instanceof JudgeCrash)) {
      this.#failedStarts++;
      this.#failedAt = clock.monotonic();
      log.error({ err: error, sha256: row.sha256 }, 'the judge does not start');
      if (!this.available) this.#record(row, null, null, null);
      else await clock.sleep(IDLE_MS, signal).catch(() => {});
      return;
    }
    const crashes = row.judge_crashes + 1;
    journal.update(row.sha256, { judge_crashes: crashes });
    log.warn({ sha256: row.sha256, crashes, reason: error.message }, 'the judge crashed');
    if (crashes >= CRASHES_MAX) {
      this.#record(row, undecodable('its decoder failed twice'), null, null);
    }
  }

  #record(
    row: PhotoRow,
    verdict: Verdict | null,
    measurement: Measurement | null,
    exif: ExifFacts | null,
  ): void {
    const { journal, log, onJudged, tuning, clock } = this.options;
    const damaged = verdict?.result === 'undecodable' ? verdict.reasons[0] : undefined;
    const policy = applyPolicy(verdict, tuning.policies);
    const now = clock.now();
    const ends = policy.keep_days !== undefined && now >= CLOCK_SET_MS;
    const changes = {
      state: isKept(policy) ? 'rejected_kept' : 'judged',
      verdict: verdict && JSON.stringify(verdict),
      quarantine: damaged?.sentence ?? null,
      phash: measurement?.decoded ? measurement.phash : null,
      exif: exif && JSON.stringify(exif),
      lane: laneOf(policy),
      policy: JSON.stringify(policy),
      keep_until: ends ? now + (policy.keep_days ?? 0) * DAY_MS : null,
    } satisfies Partial<PhotoRow>;
    // Taken back by a power cut, it is judged again.
    journal.note(() => {
      journal.update(row.sha256, changes);
      if (isKept(policy)) {
        const photo = { sha256: row.sha256, policy: changes.policy };
        notePolicyAction(journal, photo, { action: 'kept', actor: 'policy', at: now });
      }
    });
    this.#failed.delete(row.sha256);
    const reasons = verdict?.reasons.map(({ code }) => code);
    const said = { verdict: verdict?.result ?? 'none', reasons, policy };
    log.info({ sha256: row.sha256, ...said }, 'judged');
    onJudged(verdict, row.sha256);
  }

  /** The earlier photo of the same camera that this one repeats. */
  #duplicateOf(row: PhotoRow, measured: Measurement & { decoded: true }, exif: ExifFacts) {
    const { journal } = this.options;
    const photo = { sha256: row.sha256, phash: measured.phash, at: takenAt(row, exif) };
    // Folders of a day's photos arrive within seconds: when they were taken decides, if known.
    const rows = journal.all<Pick<PhotoRow, 'sha256' | 'phash' | 'exif' | 'accepted_at'>>(
      `SELECT sha256, phash, exif, accepted_at FROM photos
       WHERE camera = ? AND phash IS NOT NULL AND sha256 <> ? ORDER BY accepted_at DESC LIMIT 200`,
      row.camera,
      row.sha256,
    );
    const others = rows.map((other): Candidate => {
      const known = other.exif === null ? null : (JSON.parse(other.exif) as ExifFacts);
      return { sha256: other.sha256, phash: other.phash ?? '', at: takenAt(other, known) };
    });
    const near = others.filter((other) => Math.abs(other.at - photo.at) <= NEAR_MS);
    return findNearDuplicate(photo, near)?.sha256 ?? null;
  }
}

/** When the photo was taken, as far as the camera says, in a zone or out of it; else its arrival. */
function takenAt(row: Pick<PhotoRow, 'accepted_at'>, exif: ExifFacts | null): number {
  const text = exif?.captured_at ?? (exif?.captured_at_local && `${exif.captured_at_local}Z`);
  return text ? Date.parse(text) : row.accepted_at;
}
