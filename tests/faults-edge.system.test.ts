import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { escalation, replay, tokens, trespass } from './faults/edge/attacks.ts';
import { badDisk } from './faults/edge/bad-disk.ts';
import { clock } from './faults/edge/clock.ts';
import { duplicates } from './faults/edge/duplicates.ts';
import { EdgeSystem } from './faults/edge/edge-system.ts';
import { exhausted } from './faults/edge/exhausted.ts';
import { forgedPut } from './faults/edge/forged-put.ts';
import { fullDisk } from './faults/edge/full-disk.ts';
import { hostile } from './faults/edge/hostile.ts';
import { journalLost } from './faults/edge/journal.ts';
import { kill } from './faults/edge/kill.ts';
import { localStore } from './faults/edge/local-store.ts';
import { noLoopDisk } from './faults/edge/loop-disk.ts';
import { hardOff, unsyncedDrop } from './faults/edge/power-cut.ts';
import { quota } from './faults/edge/quota.ts';
import { verdicts } from './faults/edge/verdicts.ts';
import type { FaultCase } from './faults/fault-case.ts';
import { Lane } from './faults/lane.ts';
import { dead, flapping } from './faults/link/dead.ts';
import { fleet } from './faults/link/fleet.ts';
import { LinkSystem } from './faults/link/link-system.ts';
import { answerLost, captivePortal, flippedByte } from './faults/link/meddled.ts';
import { capped, slowAndLossy } from './faults/link/slow.ts';
import { findTool } from './faults/tools.ts';
import { realServers } from './system/environment.ts';

const servers = process.env.DEMETER_TEST_TOXIPROXY ? realServers() : undefined;
const seed = Math.floor(Math.random() * 1_000_000);

// Edges start slowly on a busy machine; what hangs still ends.
setDefaultTimeout(600_000);

/** On a centre of their own. */
const BOX = [
  ...[hardOff, quota, badDisk, localStore, verdicts, clock, exhausted],
  ...[tokens, trespass, replay, hostile, forgedPut, escalation],
];
/** On one that is reached over a line that can be harmed. */
const LINK = [
  ...[kill, unsyncedDrop, fullDisk, journalLost, duplicates],
  ...[dead, slowAndLossy, flapping, answerLost, flippedByte, captivePortal, capped, fleet],
];

/** What the machine lacks for a case, beside the servers. */
const MISSING = new Map<number, string | false>([
  ...[unsyncedDrop, hardOff, fullDisk].map(
    ({ number }) => [number, noLoopDisk() !== undefined && 'root'] as const,
  ),
  [badDisk.number, findTool('strace') === null && 'DEMETER_TEST_STRACE'],
  [clock.number, findTool('faketime') === null && 'DEMETER_TEST_FAKETIME'],
  [
    forgedPut.number,
    !process.env.DEMETER_TEST_VERSITYGW_ENDPOINT && 'DEMETER_TEST_VERSITYGW_ENDPOINT',
  ],
]);
const isHere = ({ number }: FaultCase) => !MISSING.get(number);

// Slices of `bun run faults edge` and `link` (docs/faults.md): a round or a few, the ledger after
// each. Much of each is waiting, for disks, links and starts: two lanes keep two cores busy.
describe.skipIf(!servers)(
  'a box in trouble, its link, and attacks (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT, DEMETER_TEST_TOXIPROXY)',
  () => {
    const box = new Lane(BOX.filter(isHere), seed);
    const link = new Lane(LINK.filter(isHere), seed);

    beforeAll(async () => {
      console.error(`seed ${seed}`);
      const open = async () => {
        const system = new EdgeSystem(servers!);
        await system.open();
        box.start(system);
      };
      await Promise.all([open(), LinkSystem.start(servers!).then((system) => link.start(system))]);
    });
    afterAll(async () => {
      await Promise.all([box.stop(), link.stop()]);
    });

    const slices = [...BOX, ...LINK].sort((a, b) => a.number - b.number);
    for (const { number, title } of slices) {
      const lack = MISSING.get(number);
      const name = `${number}: ${title}${lack ? ` (needs ${lack})` : ''}`;
      test.skipIf(Boolean(lack))(name, async () => {
        const lane = LINK.some((one) => one.number === number) ? link : box;
        const ledger = await lane.outcome(number);
        const { acknowledged, at_centre = acknowledged, held = 0 } = ledger;
        expect(Number(acknowledged)).toBeGreaterThan(0);
        expect(Number(at_centre) + Number(held)).toBe(Number(acknowledged));
      });
    }
  },
);
