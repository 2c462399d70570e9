import { sql } from 'kysely';
import { Gauge } from 'prom-client';
import type { CoreContext } from '../context.ts';

const OPEN = ['running', 'paused', 'promoting'] as const;
const PARTS = ['photos', 'counted', 'reused', 'failed'] as const;
type Row = Readonly<Record<(typeof PARTS)[number] | 'reprocessings', number>> & {
  readonly state: string;
};

/** Registers the metrics of what goes on; they are read from the database whenever somebody asks. */
export function observeReprocessings({ db, metrics, organisationId }: CoreContext): void {
  const read = async () => {
    const { rows } = await sql<Row>`
      select state, count(*) as reprocessings, sum(photos)::bigint as photos,
             sum(counted)::bigint as counted, sum(reused)::bigint as reused,
             sum(failed)::bigint as failed
        from reprocessings
       where organisation_id = ${organisationId} and state in ('running', 'paused', 'promoting')
       group by state`.execute(db);
    return new Map(rows.map((row) => [row.state, row]));
  };
  const registers = [metrics.registry];
  new Gauge({
    name: 'demeter_reprocessings',
    help: 'Reprocessings that have not ended.',
    labelNames: ['state'],
    registers,
    async collect() {
      const rows = await read();
      for (const state of OPEN) this.set({ state }, rows.get(state)?.reprocessings ?? 0);
    },
  });
  new Gauge({
    name: 'demeter_reprocessing_photos',
    help: 'Photos of the reprocessings that run: all of them, and what has become of them.',
    labelNames: ['part'],
    registers,
    async collect() {
      const running = (await read()).get('running');
      for (const part of PARTS) this.set({ part }, running?.[part] ?? 0);
    },
  });
}
