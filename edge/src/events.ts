import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Journal } from './buffer/journal.ts';
import { policyCounts } from './buffer/kept.ts';

/** Everything the edge counts, in one place. Labels have few values: no photo, no address. */
export class Events {
  readonly registry = new Registry();

  readonly accepted = this.#counter('accepted_total', 'Sightings acknowledged.', ['camera', 'new']);
  readonly refused = this.#counter('refused_total', 'Photos refused, by code.', ['code']);
  readonly refusedRemoved = this.#counter(
    'refused_removed_total',
    'Refused files of watched folders, removed because nobody took them away.',
  );
  readonly shots = this.#counter('shots_total', 'Shots of cameras that are asked.', [
    'camera',
    'result',
  ]);
  readonly verdicts = this.#counter('verdicts_total', 'Photos judged.', ['result']);
  readonly receipts = this.#counter('receipts_total', "Receipts of the centre's that verified.");
  readonly scrubbed = this.#counter('scrubbed_total', 'Photos whose bytes were read again.');
  readonly scrubErrors = this.#counter('scrub_errors_total', 'Photos found with other bytes.');
  readonly evicted = this.#counter('evicted_total', 'Photos removed that the centre holds.');
  readonly forwardErrors = this.#counter('forward_errors_total', 'Failed sendings.', ['kind']);
  readonly alarms = this.#counter('alarms_total', 'Faults that people must look at.', ['kind']);

  readonly httpRequests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: ['handler', 'method', 'status'],
    registers: [this.registry],
  });
  readonly httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to its answer.',
    labelNames: ['handler', 'method'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [this.registry],
  });

  /** Gauges that are read from the journal whenever somebody asks. */
  observe(journal: Journal, quotaBytes: number): void {
    this.#gauge('quota_bytes', 'Most bytes the edge may hold.', [], (gauge) =>
      gauge.set(quotaBytes),
    );
    this.#gauge('held_bytes', 'Bytes held in spool and local store.', [], (gauge) =>
      gauge.set(journal.heldBytes()),
    );
    this.#gauge(
      'oldest_unverified_age_seconds',
      'Age of the oldest photo without a receipt.',
      [],
      (gauge) => gauge.set(oldestUnverifiedAgeSeconds(journal)),
    );
    this.#gauge('photos', 'Photos by state.', ['state'], (gauge) => {
      gauge.reset();
      for (const row of countsByState(journal)) gauge.set({ state: row.state }, row.photos);
    });
    new Counter({
      name: 'demeter_edge_policy_total',
      help: 'Photos by what a policy did: kept back, given up, or sent all the same.',
      labelNames: ['policy', 'verdict', 'action'],
      registers: [this.registry],
      // From the journal: what policies did stays counted when the process begins anew.
      collect() {
        this.reset();
        for (const { photos, ...labels } of policyCounts(journal)) this.inc(labels, photos);
      },
    });
    this.#gauge('spool_bytes', 'Bytes in the spool by state of the photo.', ['state'], (gauge) => {
      gauge.reset();
      for (const row of countsByState(journal)) gauge.set({ state: row.state }, row.spool_bytes);
    });
    const register = { registers: [this.registry] };
    new Gauge({
      ...register,
      name: 'queue_size',
      help: 'Photos that wait to be sent.',
      collect() {
        this.set(unsentCount(journal));
      },
    });
    new Gauge({
      ...register,
      name: 'process_resident_memory_bytes',
      help: 'Resident memory.',
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  #counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> {
    const counter = new Counter({
      name: `demeter_edge_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
    return counter;
  }

  #gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (gauge: Gauge<L>) => void,
  ): void {
    new Gauge<L>({
      name: `demeter_edge_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect() {
        collect(this);
      },
    });
  }
}

export interface StateCount {
  readonly state: string;
  readonly photos: number;
  readonly spool_bytes: number;
}

export function countsByState(journal: Journal): StateCount[] {
  return journal.all<StateCount>(
    `SELECT state, photos, spool_bytes FROM tallies WHERE photos > 0
     UNION ALL
     SELECT 'quarantined', count(*), coalesce(sum(size_bytes * in_spool), 0)
     FROM photos WHERE quarantine IS NOT NULL`,
  );
}

/** Nothing is to be sent of these: the centre has them, or a policy keeps or has given them up. */
const SETTLED = "('verified','evicted','rejected_kept','resolved')";

/** 0 if the centre holds everything that it is to have. */
export function oldestUnverifiedAgeSeconds(journal: Journal): number {
  const [row] = journal.all<{ oldest: number | null }>(
    // For each state by its index: rows of what is settled stay for years.
    `SELECT min(oldest) AS oldest FROM (
       SELECT (SELECT min(accepted_at) FROM photos WHERE photos.state = tallies.state) AS oldest
       FROM tallies WHERE photos > 0 AND state NOT IN ${SETTLED})`,
  );
  return row?.oldest ? Math.max(0, (Date.now() - row.oldest) / 1000) : 0;
}

export function unsentCount(journal: Journal): number {
  const [row] = journal.all<{ photos: number }>(
    `SELECT coalesce(sum(photos), 0) AS photos FROM tallies WHERE state NOT IN ${SETTLED}`,
  );
  return row?.photos ?? 0;
}
