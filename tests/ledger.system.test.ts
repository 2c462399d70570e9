import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { realServers } from './system/environment.ts';
import { drawPhoto } from './system/photos.ts';
import { RealSystem } from './system/real-system.ts';

const servers = realServers();
const PHOTOS = 30;
/** Between two photos of the camera, so that each death falls among photos under way. */
const PAUSE_MS = 150;

setDefaultTimeout(300_000);

interface Photo {
  readonly session: { readonly state: string; readonly detected: number | null };
  readonly batch: { readonly quantity_current: number } | null;
  readonly links: { readonly original: string };
}

describe.skipIf(!servers)(
  'the ledger (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT)',
  () => {
    let system: RealSystem;
    let done = false;
    const places = Array.from({ length: PHOTOS }, (_, index) => `LEDGER-${index}`);
    /** Place → hash that the edge has answered for. */
    const acknowledged = new Map<string, string>();

    beforeAll(async () => {
      system = new RealSystem(servers!);
      await system.start(places);
    });
    afterAll(async () => await system?.stop(!done));

    test('every photo that the edge answered for is counted exactly once, whoever is killed', async () => {
      const photos = await Promise.all(places.map((_, index) => drawPhoto(index)));
      const deaths: Promise<void>[] = [];
      for (const [index, place] of places.entries()) {
        if (index === 8) await system.kill('server-1');
        if (index === 14) deaths.push(killAndRestart(system, 'core'));
        if (index === 20) deaths.push(killAndRestart(system, 'edge'));
        acknowledged.set(place, await system.send(photos[index]!, place));
        await Bun.sleep(PAUSE_MS);
      }
      await Promise.all(deaths);
      expect(new Set(acknowledged.values()).size).toBe(PHOTOS);

      for (const hash of acknowledged.values()) {
        await system.until(`${hash} is counted`, async () => {
          const { session } = await system.get<Photo>(`/photos/${hash}`);
          return session.state === 'completed';
        });
      }
      await expectExactlyOnce(system, acknowledged);
      done = true;
    });

    test('the same bytes again, a hundred times at once, stay one photo, one run, one movement', async () => {
      done = false;
      const [place, hash] = [...acknowledged][0]!;
      const bytes = await drawPhoto(0);
      const ids = await Promise.all(Array.from({ length: 100 }, () => system.send(bytes, place)));
      expect(new Set(ids)).toEqual(new Set([hash]));
      await system.until('all sightings are registered', async () => {
        const { sightings } = await system.get<{ sightings: number }>(`/photos/${hash}`);
        return sightings >= 101;
      });
      await expectExactlyOnce(system, new Map([[place, hash]]));
      done = true;
    });
  },
);

async function killAndRestart(system: RealSystem, part: 'core' | 'edge'): Promise<void> {
  await system.kill(part);
  await Bun.sleep(500);
  await system.launch(part);
}

/** One photo, one completed run, one movement of its count; the stored bytes are those sent. */
async function expectExactlyOnce(
  system: RealSystem,
  photos: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [place, hash] of photos) {
    const { session, batch, links } = await system.get<Photo>(`/photos/${hash}`);
    const [runs] = await system.sql`
      select count(*)::int as made, count(*) filter (where state = 'completed')::int as completed
        from runs where encode(sha256, 'hex') = ${hash}`;
    expect(runs, place).toEqual({ made: 1, completed: 1 });
    const movements = await system.sql`
      select kind, quantity::int as quantity from stock_movements
       where encode(photo_sha256, 'hex') = ${hash}`;
    expect([...movements], place).toEqual([{ kind: 'photo', quantity: session.detected! }]);
    expect(batch?.quantity_current, place).toBe(session.detected!);
    const original = await fetch(new URL(links.original, system.coreUrl));
    const stored = createHash('sha256')
      .update(await original.bytes())
      .digest('hex');
    expect(stored, place).toBe(hash);
  }
  const check = await system.get<{ disagreeing: unknown[] }>('/stock/check');
  expect(check.disagreeing).toEqual([]);
}
