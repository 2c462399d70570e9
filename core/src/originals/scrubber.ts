import { sql } from 'kysely';
import { Counter } from 'prom-client';
import type { CoreContext } from '../context.ts';
import { checkOriginal } from './missing.ts';

/** A day's originals are read in so many portions, so that the store is never busy with it. */
const PORTIONS_A_DAY = 144;
const PORTION_MS = 86_400_000 / PORTIONS_A_DAY;
/** Every core looks so often whether a portion is due; the row lets one begin it. */
const LOOK_MS = 60_000;

/**
 * Reads `DEMETER_SCRUB_PHOTOS_PER_DAY` originals a day, in the order of their hashes, round after
 * round, and marks those that are gone or changed. One core at a time: a portion belongs to whoever
 * moved its time on; a core that dies leaves the place where it stood to the next portion.
 */
export class Scrubber {
  readonly #checked: Counter;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly context: CoreContext) {
    this.#checked = new Counter({
      name: 'demeter_originals_scrubbed_total',
      help: 'Originals that were read and hashed to see whether they are still what they were.',
      registers: [context.metrics.registry],
    });
  }

  start(): void {
    if (this.context.values.DEMETER_SCRUB_PHOTOS_PER_DAY === 0) return;
    this.#timer ??= setInterval(() => {
      this.#running ??= this.look()
        .catch((error: unknown) => {
          this.context.log.warn({ err: error }, 'originals cannot be looked at now');
        })
        .finally(() => {
          this.#running = undefined;
        });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Reads the portion that is due, if any. Throws with database and store. */
  async look(): Promise<void> {
    const after = await this.#claim();
    if (after === null) return;
    const { values } = this.context;
    const size = Math.ceil(values.DEMETER_SCRUB_PHOTOS_PER_DAY / PORTIONS_A_DAY);
    const portion = await this.#read(after, size);
    for (const photo of portion) {
      if (this.context.stopping.aborted) return;
      const finding = await checkOriginal(this.context, this.context.organisationId, photo);
      this.#checked.inc();
      await this.#advance(photo.sha256, finding !== 'present');
    }
    // The next round begins at the first hash again.
    if (portion.length < size) await this.#restart();
  }

  /** The place to go on from, or null: nothing is due, or another core has begun it. */
  async #claim(): Promise<Buffer | null> {
    const { db, organisationId } = this.context;
    await sql`insert into store_scrubs (organisation_id) values (${organisationId})
      on conflict do nothing`.execute(db);
    const { rows } = await sql<{ after_sha256: Buffer }>`
      update store_scrubs set next_at = now() + ${PORTION_MS} * interval '1 millisecond'
       where organisation_id = ${organisationId} and next_at <= now()
      returning after_sha256`.execute(db);
    return rows[0]?.after_sha256 ?? null;
  }

  async #read(after: Buffer, limit: number) {
    const { db, organisationId } = this.context;
    return await db
      .selectFrom('photos')
      .select(['sha256', 'object_key'])
      .where('organisation_id', '=', organisationId)
      .where('sha256', '>', after)
      .where('state', 'in', ['stored', 'quarantined'])
      .orderBy('sha256')
      .limit(limit)
      .execute();
  }

  async #advance(sha256: Buffer, lost: boolean): Promise<void> {
    const { db, organisationId } = this.context;
    await sql`update store_scrubs set after_sha256 = ${sha256}, checked = checked + 1,
        lost = lost + ${lost ? 1 : 0}
      where organisation_id = ${organisationId}`.execute(db);
  }

  async #restart(): Promise<void> {
    const { db, organisationId } = this.context;
    await sql`update store_scrubs set after_sha256 = ''
      where organisation_id = ${organisationId}`.execute(db);
  }
}
