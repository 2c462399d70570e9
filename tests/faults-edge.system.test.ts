import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { duplicates } from './faults/edge/duplicates.ts';
import type { EdgeCase } from './faults/edge/edge-case.ts';
import { fullDisk } from './faults/edge/full-disk.ts';
import { journalLost } from './faults/edge/journal.ts';
import { kill } from './faults/edge/kill.ts';
import { noLoopDisk } from './faults/edge/loop-disk.ts';
import { unsyncedDrop } from './faults/edge/power-cut.ts';
import { dead } from './faults/link/dead.ts';
import { type LinkCase, LinkSystem } from './faults/link/link-system.ts';
import { answerLost, captivePortal, flippedByte } from './faults/link/meddled.ts';
import { realServers } from './system/environment.ts';

const servers = process.env.DEMETER_TEST_TOXIPROXY ? realServers() : undefined;
const seed = Math.floor(Math.random() * 1_000_000);

// Edges start slowly on a busy machine; what hangs still ends.
setDefaultTimeout(300_000);

// Slices of `bun run faults edge` and `link` (docs/faults.md): a round or a few, the ledger after each.
describe.skipIf(!servers)(
  'an edge and its link to the centre (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT, DEMETER_TEST_TOXIPROXY)',
  () => {
    let system: LinkSystem;
    let failed = 0;

    beforeAll(async () => {
      console.error(`seed ${seed}`);
      system = await LinkSystem.start(servers!);
    });
    afterAll(async () => await system?.stop(failed > 0));

    const slice = async ({ run }: EdgeCase | LinkCase) => {
      failed++;
      const ledger = await run(system, { seed, seconds: 0, quick: true });
      expect(ledger).toMatchObject({ held: 0, by_policy: 0, spoilt: 0 });
      expect(ledger.at_centre).toBe(ledger.acknowledged);
      failed--;
    };

    test.each([kill, journalLost, duplicates])('$number: $title', slice);
    test.skipIf(noLoopDisk() !== undefined).each([unsyncedDrop, fullDisk])(
      '$number: $title (needs root)',
      slice,
    );
    test.each([dead, answerLost, flippedByte, captivePortal])('$number: $title', slice);
  },
);
