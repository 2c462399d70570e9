import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { badDisk } from './faults/edge/bad-disk.ts';
import { clock } from './faults/edge/clock.ts';
import type { EdgeCase } from './faults/edge/edge-case.ts';
import { EdgeSystem } from './faults/edge/edge-system.ts';
import { exhausted } from './faults/edge/exhausted.ts';
import { quota } from './faults/edge/quota.ts';
import { verdicts } from './faults/edge/verdicts.ts';
import { findTool } from './faults/tools.ts';
import { realServers } from './system/environment.ts';

const servers = realServers();
const seed = Math.floor(Math.random() * 1_000_000);

// Edges start slowly on a busy machine; what hangs still ends.
setDefaultTimeout(300_000);

// Slices of `bun run faults edge` (docs/faults.md): what goes wrong in the box and around it.
describe.skipIf(!servers)(
  'a box in trouble (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT)',
  () => {
    let system: EdgeSystem;
    let failed = 0;

    beforeAll(async () => {
      console.error(`seed ${seed}`);
      system = new EdgeSystem(servers!);
      await system.open();
    });
    afterAll(async () => await system?.stop(failed > 0));

    const slice = async ({ run }: EdgeCase) => {
      failed++;
      const ledger = await run(system, { seed, seconds: 0, quick: true });
      expect(ledger.acknowledged).toBeGreaterThan(0);
      expect(ledger.at_centre).toBe(ledger.acknowledged);
      failed--;
    };

    test.each([quota, verdicts, exhausted])('$number: $title', slice);
    test.skipIf(findTool('strace') === null).each([badDisk])(
      '$number: $title (needs DEMETER_TEST_STRACE)',
      slice,
    );
    test.skipIf(findTool('faketime') === null).each([clock])(
      '$number: $title (needs DEMETER_TEST_FAKETIME)',
      slice,
    );
  },
);
