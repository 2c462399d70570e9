import type { Clock } from '@demeter/common/clock';
import { DayComparison, digestOfDay, parseSightingKey } from '@demeter/common/edge-days';
import type { Logger } from '@demeter/common/logger';
import { Type } from '@sinclair/typebox';
import { isForgottenDay } from '../buffer/forget.ts';
import type { Journal } from '../buffer/journal.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { toLogFields } from '../forward/failures.ts';
import { Nudge } from '../nudge.ts';
import { heldDays, keysOfDay, noteAgreed } from './own-days.ts';
import type { Repair, WantedAnswer } from './repair.ts';
import { isDue } from './schedule.ts';

const DaysAnswer = Type.Object({
  days: Type.Array(
    Type.Object({ day: Type.String(), sightings: Type.Integer(), digest: Type.String() }),
  ),
});
const Next = Type.Union([Type.String(), Type.Null()]);
const KeysAnswer = Type.Object({ keys: Type.Array(Type.String()), next: Next });
const WantedList = Type.Object({ photos: Type.Array(Type.String()), next: Next });
const Taken = Type.Object({ taken: Type.Integer() });

/** Days of one request; the core takes as many. */
const DAYS_AT_ONCE = 31;
/** What people ask for at the box is begun this soon; photos that the centre wants are looked up so often. */
const LOOK_MS = 2_000;
const WANTED_MS = 15 * 60_000;
/** After a comparison or a question that failed: the link is down, mostly. */
const RETRY_MS = 10 * 60_000;
const REPORTS_KEPT = 30;

/** How a comparison went; stands in the journal. */
export interface Report {
  readonly started_at: string;
  readonly seconds: number;
  readonly days: number;
  /** Days that were the same on both sides at once. */
  readonly days_equal: number;
  /** Sightings found at the centre. */
  readonly agreed: number;
  /** Photos the centre had confirmed and has not: sent again. */
  readonly photos_again: number;
  readonly sightings_again: number;
  /** Photos that the centre has lost and this box has removed. */
  readonly lost: number;
  /** Sightings that the centre knows by this box and the box does not: its journal was rebuilt. */
  readonly unknown_here: number;
}

export interface ReconcilerOptions {
  readonly journal: Journal;
  readonly core: CoreClient;
  readonly repair: Repair;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** True once for each time that somebody asked for a comparison at the box. */
  readonly requested: () => boolean;
  /** What somebody asked for did not work this time; it is tried again. */
  readonly onFailed: (reason: string) => void;
  /** Something is to be sent again. */
  readonly onQueued: () => void;
}

/** Compares with the centre each night, and asks now and then which photos it wants again. */
export class Reconciler {
  readonly #nudge: Nudge;
  readonly #jitter: number;
  /** By the monotonic clock: neither is done before. */
  #compareFrom = Number.NEGATIVE_INFINITY;
  #answerFrom = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReconcilerOptions) {
    this.#nudge = new Nudge(options.clock);
    this.#jitter = options.random();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, requested, onFailed } = this.options;
    const started = clock.monotonic();
    let isOwed = false;
    while (!signal.aborted) {
      const asked = requested();
      isOwed ||= asked;
      const at = clock.monotonic();
      const moment = { now: clock.now(), upMs: at - started, last: this.#last() };
      try {
        const isTime = isOwed || isDue({ ...moment, jitter: this.#jitter });
        if (asked || (at >= this.#compareFrom && isTime)) {
          await this.reconcile(signal);
          isOwed = false;
        } else if (at >= this.#answerFrom) await this.answer(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#compareFrom = this.#answerFrom = clock.monotonic() + RETRY_MS;
        log[asked ? 'warn' : 'debug'](toLogFields(error), 'the centre cannot be compared with now');
        if (asked) onFailed((error as Error).message);
      }
      await this.#nudge.wait(LOOK_MS, signal);
    }
  }

  /** One comparison of all days from which something is held here. Throws what the core throws. */
  async reconcile(signal: AbortSignal): Promise<Report> {
    const { journal, core, clock, log } = this.options;
    const [at, started] = [clock.now(), clock.monotonic()];
    await this.answer(signal);
    const counts = { days_equal: 0, agreed: 0, photos_again: 0, sightings_again: 0, lost: 0 };
    const unknown = { unknown_here: 0 };
    const days = heldDays(journal);
    for (let from = 0; from < days.length; from += DAYS_AT_ONCE) {
      const some = days.slice(from, from + DAYS_AT_ONCE);
      // Before the centre is asked: what is registered meanwhile must not seem to be missing there.
      const own = new Map<string, string[]>();
      for (const day of some) own.set(day, await keysOfDay(journal, day, this.#rest));
      const answer = await core.ask('edge/reconcile/days', DaysAnswer, signal, { days: some });
      for (const [day, keys] of own) {
        const theirs = answer.days.find((one) => one.day === day);
        if (theirs?.digest === digestOfDay(keys)) {
          counts.days_equal++;
          counts.agreed += keys.length;
          await noteAgreed(journal, keys, at, this.#rest);
        } else await this.#compareDay(day, keys, at, { counts, unknown, signal });
      }
    }
    const seconds = Math.round((clock.monotonic() - started) / 100) / 10;
    const report: Report = {
      started_at: new Date(at).toISOString(),
      seconds,
      days: days.length,
      ...counts,
      ...unknown,
    };
    this.#keep(at, report);
    log.info(report, 'compared with the centre');
    return report;
  }

  /** Queues what the centre asks for again, and tells it what it cannot have. */
  async answer(signal: AbortSignal): Promise<void> {
    const { core, repair, clock, log, onQueued } = this.options;
    let after = '';
    for (;;) {
      const page = await core.ask(`edge/reconcile/wanted${after}`, WantedList, signal);
      const photos: { sha256: string; answer: WantedAnswer }[] = [];
      for (const sha256 of page.photos) {
        try {
          photos.push({ sha256, answer: await repair.answer(sha256) });
        } catch (error) {
          // Asked for again next time; the others need not wait for it.
          log.warn({ err: error, sha256 }, 'a photo that the centre asks for cannot be read now');
        }
      }
      if (photos.length > 0) {
        log.warn({ photos: photos.length }, 'the centre asks for photos again');
        onQueued();
        await core.ask('edge/reconcile/answers', Taken, signal, { photos });
      }
      if (page.next === null) break;
      after = `?after=${page.next}`;
    }
    this.#answerFrom = clock.monotonic() + WANTED_MS;
  }

  async #compareDay(
    day: string,
    keys: readonly string[],
    at: number,
    { counts, unknown, signal }: DayContext,
  ): Promise<void> {
    const { journal, core, repair, log, onQueued } = this.options;
    const comparison = new DayComparison(keys);
    let after = '';
    for (;;) {
      const page = await core.ask(`edge/reconcile/days/${day}${after}`, KeysAnswer, signal);
      comparison.take(page.keys);
      if (page.next === null) break;
      after = `?after=${page.next}`;
    }
    const { agreed, onlyHere, onlyThere } = comparison;
    await noteAgreed(journal, agreed, at, this.#rest);
    const known = new Set(agreed.map((key) => parseSightingKey(key).sha256));
    const repaired = await repair.sendAgain(onlyHere, known, signal);
    // Sightings that were on their way meanwhile are known here; others may have been forgotten.
    const strange = isForgottenDay(journal, day)
      ? []
      : onlyThere.filter((key) => !journal.hasSighting(parseSightingKey(key).sightingId));
    counts.agreed += agreed.length;
    counts.photos_again += repaired.photos;
    counts.sightings_again += repaired.sightings;
    counts.lost += repaired.gone;
    unknown.unknown_here += strange.length;
    if (repaired.photos + repaired.sightings > 0) onQueued();
    log.warn({ day, ...repaired, unknown_here: strange.length }, 'a day differs from the centre');
  }

  /** Lets cameras be answered between two steps. */
  readonly #rest = async (): Promise<void> => {
    await this.options.clock.sleep(0);
  };

  #last(): number | null {
    const [row] = this.options.journal.all<{ at: number | null }>(
      'SELECT max(started_at) AS at FROM reconciliations',
    );
    return row?.at ?? null;
  }

  #keep(at: number, report: Report): void {
    const { journal } = this.options;
    journal.transaction(() => {
      // Of a clock that was ahead: the last one by it would make every moment due until then.
      journal.run('DELETE FROM reconciliations WHERE started_at > ?', at);
      journal.run(
        'INSERT OR REPLACE INTO reconciliations (started_at, report) VALUES (?, ?)',
        at,
        JSON.stringify(report),
      );
      journal.run(
        `DELETE FROM reconciliations WHERE started_at NOT IN
           (SELECT started_at FROM reconciliations ORDER BY started_at DESC LIMIT ${REPORTS_KEPT})`,
      );
    });
  }
}

interface DayContext {
  readonly counts: { agreed: number; photos_again: number; sightings_again: number; lost: number };
  readonly unknown: { unknown_here: number };
  readonly signal: AbortSignal;
}
