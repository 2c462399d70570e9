import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LeftOut, must } from '../fault-case.ts';
import { requireTool } from '../tools.ts';
import { Camera, hashOf } from './camera.ts';
import { DEAD_LINK, type EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

/** Of the wall clock, one after the other; the last is a step backwards while the box runs. */
const OFFSETS = ['+0', '+365d', '-365d', '+0', '-2h'] as const;
const PHOTOS = 3;
const HOUR_MS = 3_600_000;

interface Seen {
  readonly hash: string;
  readonly flag: string;
  /** How long ago it was accepted, by the box's clock and the centre's correction. */
  readonly off_ms: number;
}

export const clock: EdgeCase = {
  number: 11,
  title: 'the clock a year off either way, and stepping back: order kept, times corrected',
  seconds: 60,
  run: async (system, { seed }) => {
    const faketime = fakedClock(system.folder);
    const camera = await Camera.create(seed);
    const box = await system.box('clock');
    faketime.set('+0');
    await box.start({ env: { ...faketime.env, ...DEAD_LINK } });
    const order: string[] = [];
    for (const offset of OFFSETS) {
      faketime.set(offset);
      for (let photo = 0; photo < PHOTOS; photo++) {
        const bytes = camera.take();
        must((await camera.send(box, bytes)) !== undefined, `no answer at ${offset}`);
        order.push(hashOf(bytes));
      }
    }
    await box.stop();
    const years: number[] = [];
    // Sent while the clock is a year wrong, too.
    for (const offset of ['-365d', '+365d']) {
      faketime.set(offset);
      await box.start({ env: faketime.env });
      await camera.shoot(box);
      await box.drained();
      const { timestamp } = JSON.parse(box.log.split('\n')[0]!) as { timestamp: string };
      years.push(new Date(timestamp).getFullYear() - new Date().getFullYear());
      await box.stop();
    }
    must(years.join() === '-1,1', `the clock was ${years} years off`);
    await box.start();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    const rows: Seen[] = await system.sql`
      select encode(sha256, 'hex') as hash, time_flag as flag,
             extract(epoch from now() - accepted_at)::float8 * 1000
               - coalesce(clock_offset_ms, 0)::float8 as off_ms
        from sightings where encode(sha256, 'hex') in ${system.sql(order)}
       order by boot_number, monotonic_ms, sequence`;
    const kept = rows.map(({ hash }) => hash);
    must(Bun.deepEquals(kept, order), 'the order in which photos came is kept');
    const wrong = rows.filter(({ off_ms }) => Math.abs(off_ms) > HOUR_MS);
    must(wrong.length === 0, `${wrong.length} times are wrong after their correction`);
    const flags = Object.groupBy(rows, ({ flag }) => flag);
    const counts = Object.fromEntries(
      Object.entries(flags).map(([flag, found]) => [flag, found?.length]),
    );
    must(flags.corrected?.length === 3 * PHOTOS, `flags: ${JSON.stringify(counts)}`);
    return { offsets: OFFSETS, by: 'libfaketime', flags: counts, ...ledger };
  },
};

/** libfaketime shifts what the process reads as wall time, and leaves the monotonic clock alone. */
function fakedClock(folder: string) {
  requireTool('faketime');
  const libraries = new Bun.Glob('*/faketime/libfaketimeMT.so.1');
  const [library] = libraries.scanSync({ cwd: '/usr/lib', absolute: true });
  if (library === undefined) throw new LeftOut('libfaketime is not where Debian has it');
  const file = join(mkdtempSync(join(folder, 'clock-')), 'offset');
  return {
    set: (offset: string) => writeFileSync(file, `${offset}\n`),
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
}
