import { AppError, type ErrorCode } from '@demeter/common/errors';
import { retry } from '@demeter/common/retry';
import type { CoreContext } from '../context.ts';
import { errorOf } from '../http/error-response.ts';
import type { RunHandler } from '../mesh/dispatcher.ts';
import type { Outcome } from '../mesh/endpoint.ts';
import { noteFailedRead } from '../originals/missing.ts';
import { publishPhoto } from '../photos/photo-event.ts';
import type { PhotoEye } from '../photos/photo-eye.ts';
import { readTags } from '../photos/read-tags.ts';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { LANE_BULK } from '../queue/lanes.ts';
import { handBack, type LeasedRun } from '../queue/lease.ts';
import { countBooking } from '../stock/book-waiting.ts';
import { blameOf, retryDelayMs } from './blame.ts';
import { completeRun } from './complete-run.ts';
import type { Drawer } from './drawer.ts';
import { failRun, retargetRun } from './fail-run.ts';
import type { RunMetrics } from './metrics.ts';
import { readOriginal } from './read-original.ts';

/** A result in hand outlasts a restart of the database, within its lease. */
const WRITE_RETRY = { attemptsMax: 20, baseMs: 200, maxMs: 5_000 };

export interface RunHandlerOptions {
  readonly context: Pick<
    CoreContext,
    'db' | 'originals' | 'events' | 'log' | 'clock' | 'organisationId' | 'metrics'
  >;
  readonly eye: PhotoEye;
  readonly pipelines: ActivePipelineStore;
  readonly drawer: Drawer;
  readonly metrics: RunMetrics;
  /** A run beside the current ones has ended. */
  readonly onBeside: () => void;
}

/** What happens to a photo around its stay at a server. */
export function createRunHandler(options: RunHandlerOptions): RunHandler {
  const { context, eye, pipelines, drawer, metrics, onBeside } = options;
  const { db, originals, log, clock } = context;
  /** Searched while the server counts, so that booking waits for the slower of both only. */
  const tags = new Map<string, Promise<readonly string[] | null>>();

  const write = <T>(run: () => Promise<T>) =>
    retry(run, {
      clock,
      ...WRITE_RETRY,
      retryable: (error) => errorOf(error).code === 'DATABASE_UNAVAILABLE',
      onRetry: (error) => log.warn({ err: error }, 'a result waits for the database'),
    });

  const fail = async (run: LeasedRun, serverId: string, code: ErrorCode, message: string) => {
    const final = blameOf(code) === 'photo';
    const failed = await write(() => failRun(db, run, { serverId, code, message, final }));
    metrics.failures.inc({ code });
    log.warn({ run_id: run.run_id, server_id: serverId, code, failed }, 'photo not counted');
    if (run.beside) return onBeside();
    if (failed !== 'fenced') await publishPhoto(context, run.organisation_id, run.sha256);
  };

  const complete = async (run: LeasedRun, outcome: Outcome & { kind: 'result' }) => {
    const found = (await tags.get(run.lease_id)) ?? null;
    const { result, serverId } = outcome;
    if (result.sha256.length > 0 && !result.sha256.equals(run.sha256)) {
      return await fail(run, serverId, 'INFERENCE_FAILED', 'The server answered another photo.');
    }
    const completed = await write(() => completeRun(db, run, { result, tags: found }));
    if (completed === null) return log.info({ run_id: run.run_id }, 'a late answer was ignored');
    metrics.observe(result);
    if (completed.booking) countBooking(context, completed.booking);
    const booking = completed.booking?.state ?? null;
    const { detected } = completed;
    log.info({ run_id: run.run_id, server_id: serverId, detected, booking }, 'photo counted');
    if (run.beside) return onBeside();
    await publishPhoto(context, run.organisation_id, run.sha256);
    drawer.wake();
  };

  return {
    readPhoto: (run) => readOriginal(originals, run),
    accompany: (run, bytes) => {
      if (run.beside) return;
      if (run.location_source === 'explicit' || run.location_source === 'person') return;
      const { organisation_id: organisationId, media_type: mediaType } = run;
      // A photo that camera or GPS have placed is looked at only once: most carry no tag.
      const thorough = run.location_source === null;
      const search = readTags(eye, db, { organisationId, bytes, mediaType, thorough });
      // What cannot be searched has no tags; whether it can be counted is the server's to say.
      tags.set(
        run.lease_id,
        search.catch((error: unknown) => {
          log.debug({ err: error }, 'no tags read');
          return null;
        }),
      );
    },
    finish: async (run, outcome) => {
      try {
        switch (outcome.kind) {
          case 'result':
            return await complete(run, outcome);
          case 'lost':
            return await fail(run, outcome.serverId, 'INFERENCE_FAILED', 'The server was lost.');
          case 'failure':
            if (blameOf(outcome.code) === 'server') {
              return await handBack(db, [run], retryDelayMs(outcome));
            }
            return await fail(run, outcome.serverId, outcome.code, outcome.message);
        }
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'INFERENCE_FAILED') throw error;
        await fail(run, outcome.serverId, error.code, error.message);
      } finally {
        tags.delete(run.lease_id);
      }
    },
    unreadable: async (run, error) => {
      await noteFailedRead(context, run.organisation_id, run.sha256, error);
      const message = `The original cannot be read: ${error.message}`;
      await fail(run, 'object store', error.code, message);
    },
    retarget: async (run) => {
      // Bulk runs are asked for with one pipeline, and wait for it.
      if (run.lane >= LANE_BULK) return false;
      const active = await pipelines.read();
      if (!active || active.digest.equals(run.pipeline_digest)) return false;
      return await retargetRun(db, run, active.digest);
    },
  };
}
