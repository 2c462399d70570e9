import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { until, withFolder } from '../_testing.ts';
import type { Disk } from '../buffer/disk.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { startKeeper, withBox } from './_keeper.ts';
import { startSigningCentre } from './_signing-centre.ts';
import { CONTACT_MS, TRIAL_MS } from './trial.ts';

// A hung test still ends, on a busy machine too.
setDefaultTimeout(60_000);
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
const dark = (level: number): EdgeConfiguration => ({ thresholds: { dark: level } });

describe('configuration from the centre', () => {
  test('is pulled as soon as the centre says that it has another one, and once', () =>
    withBox(async ({ centre, box }) => {
      const stop = new AbortController();
      const pulls = () => centre.asked.filter(({ path }) => path === 'edge/configuration').length;
      const running = box.keeper.run(stop.signal);
      await centre.offer({ version: 1, configuration: dark(7) });
      box.keeper.heard('a');
      await until(() => box.inForce?.thresholds?.dark === 7, 40_000);
      box.keeper.heard('a');
      await box.clock.pass(10_000);
      expect(pulls()).toBe(1);
      await centre.offer({ version: 2, configuration: dark(8) });
      box.keeper.heard('b');
      await until(() => box.inForce?.thresholds?.dark === 8, 40_000);
      expect(pulls()).toBe(2);
      // A pull that failed is made again with what the centre says next.
      centre.setAway(true);
      box.keeper.heard('c');
      await until(() => centre.missed() > 0, 40_000);
      centre.setAway(false);
      await centre.offer({ version: 3, configuration: dark(9) });
      await until(() => {
        box.keeper.heard('c');
        return box.inForce?.thresholds?.dark === 9;
      }, 40_000);
      stop.abort();
      await running;
    }));

  test('comes into force at once, on trial, and stays over a start', () =>
    withBox(async ({ centre, box, restart }) => {
      await box.pull();
      expect(box.inForce).toBeNull();
      await centre.offer({ version: 1, configuration: dark(7) });
      await box.pull();
      expect(box.inForce).toEqual(dark(7));
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: true });
      await box.passTrial();
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: false });
      await box.pull();
      expect(centre.told.at(-1)).toEqual({
        applied_version: 1,
        on_trial: false,
        refused_version: null,
        refused_reason: null,
      });
      // Nothing new costs an answer without a body, and is told once.
      const [asked, told] = [centre.asked.length, centre.told.length];
      await box.pull();
      expect(centre.asked.slice(asked)).toEqual([
        {
          path: 'edge/configuration',
          headers: { 'if-none-match': '"1"', 'demeter-held': `1:${sha256Of(centre.manifest())}` },
        },
      ]);
      expect(centre.told).toHaveLength(told);
      const again = await restart();
      expect(again.inForce).toEqual(dark(7));
      expect(again.keeper.status.on_trial).toBe(false);
    }));

  test.each([
    ['signed by a stranger', { strangersKey: true }, 'forged'],
    ['a receipt in its place', { typ: 'receipt+jws' }, 'forged'],
    ["another box's", { payload: { edge_id: 'other' } }, 'foreign'],
    ["another organisation's", { payload: { organisation_id: 'other' } }, 'foreign'],
    ['replayed', { version: 1, configuration: dark(1) }, 'older'],
    ['without its pieces', { payload: { pieces: [] } }, 'changed'],
    [
      'of a folder outside',
      { payload: { pieces: [{ name: 'models/../../x', sha256: 'ab'.repeat(32), size_bytes: 1 }] } },
      'malformed',
    ],
    [
      'of a newer kind',
      { configuration: { thresholds: { newer: 1 } } as EdgeConfiguration },
      'malformed',
    ],
  ])('one that is %s is refused, and said', (_, wrong, kind) =>
    withBox(async ({ centre, box }) => {
      await centre.offer({ version: 2, configuration: dark(2) });
      await box.pull();
      await centre.offer({ version: 3, configuration: dark(3), ...wrong });
      await box.pull();
      expect(box.refused).toEqual([kind]);
      expect(box.inForce).toEqual(dark(2));
      // The true one is taken all the same.
      await centre.offer({ version: 4, configuration: dark(4) });
      await box.pull();
      expect(box.inForce).toEqual(dark(4));
    }),
  );

  test('a centre restored from a backup learns what the box holds, and goes beyond it', () =>
    withBox(async ({ centre, box, restart }) => {
      const held = () => centre.asked.at(-1)?.headers['demeter-held'];
      await box.pull();
      expect(held()).toBe('');
      await centre.offer({ version: 4, configuration: dark(4) });
      await box.pull();
      await box.passTrial();
      await centre.offer({ version: 5, configuration: dark(5) });
      await box.pull();
      box.judgeWorks = false;
      await box.keeper.look();
      expect(box.inForce).toEqual(dark(4));
      // It went back from 5, and says so after a start too.
      const again = await restart();
      await centre.offer({ version: 4, configuration: dark(4) });
      const before = sha256Of(centre.manifest());
      await centre.offer({ version: 3, configuration: dark(3) });
      await again.pull();
      expect(again.refused).toEqual(['older']);
      expect(held()).toBe(`4:${before}, 5`);
      await centre.offer({ version: 6, configuration: dark(3) });
      await again.pull();
      expect(again.inForce).toEqual(dark(3));
    }));

  test('a retired key signs nothing that is believed', () =>
    withBox(async ({ centre, box }) => {
      Object.assign(centre.keySet.keys[0] ?? {}, { retired: true });
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      expect(box.refused).toEqual(['forged']);
      expect(box.inForce).toBeNull();
    }));

  test('bytes that were changed on their way are refused', () =>
    withBox(async ({ centre, box }) => {
      await centre.offer({ version: 1, configuration: dark(1) });
      for (const sha256 of centre.pieces.keys()) {
        centre.pieces.set(sha256, Buffer.from('{"thresholds":{"dark":99}}'));
      }
      await box.pull();
      expect(box.refused).toEqual(['changed']);
      expect(box.inForce).toBeNull();
    }));

  test('a box that was enrolled as another begins again, at any version', () =>
    withBox(async ({ centre, box, restart }) => {
      await centre.offer({ version: 7, configuration: dark(7) });
      await box.pull();
      await box.passTrial();
      await box.pull();
      box.identity = { ...box.identity, edgeId: 'other' };
      const payload = { edge_id: 'other' };
      await centre.offer({ version: 1, configuration: dark(1), payload });
      await box.pull();
      expect(box.refused).toEqual([]);
      expect(box.inForce).toEqual(dark(1));
      expect(centre.told.at(-1)).toMatchObject({ applied_version: 1, on_trial: true });
      expect((await restart()).inForce).toEqual(dark(1));
    }));

  test('an answer that stops half-way is given up after a minute', () =>
    withBox(async ({ centre, box }) => {
      centre.setSilent(true);
      let failure: unknown;
      const pulled = box.pull().catch((cause: unknown) => {
        failure = cause;
      });
      while (!failure) await box.clock.pass(10_000);
      await pulled;
      expect(failure).toMatchObject({ kind: 'timeout' });
      centre.setSilent(false);
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      expect(box.inForce).toEqual(dark(1));
    }));

  test('one whose time has not come waits', () =>
    withBox(async ({ centre, box }) => {
      const not_before = '2026-06-01T01:00:00.000Z';
      await centre.offer({ version: 1, configuration: dark(1), payload: { not_before } });
      await box.pull();
      expect(box.inForce).toBeNull();
      await box.clock.pass(3_600_000);
      await box.pull();
      expect(box.inForce).toEqual(dark(1));
    }));

  test('goes back to the last good one when the judge fails, and is not tried again', () =>
    withBox(async ({ centre, box, restart }) => {
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      await box.passTrial();
      await centre.offer({ version: 2, configuration: dark(2) });
      await box.pull();
      box.judgeWorks = false;
      await box.keeper.look();
      expect(box.inForce).toEqual(dark(1));
      expect(box.rolledBack).toEqual(['the judge failed with it']);
      await box.pull();
      expect(box.inForce).toEqual(dark(1));
      expect(centre.told.at(-1)).toMatchObject({ applied_version: 1, refused_version: 2 });
      expect((await restart()).inForce).toEqual(dark(1));
      box.judgeWorks = true;
      await centre.offer({ version: 3, configuration: dark(3) });
      await box.pull();
      expect(box.inForce).toEqual(dark(3));
    }));

  test('what was broken before is not its fault', () =>
    withBox(async ({ centre, box }) => {
      box.judgeWorks = false;
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      await box.passTrial();
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: false });
    }));

  test('without contact it goes back after an hour, and may be tried again', () =>
    withBox(async ({ centre, box }) => {
      await centre.offer({ version: 1, configuration: dark(1) });
      box.inContact = false;
      for (let tries = 0; tries < 3; tries++) {
        await box.pull();
        expect(box.inForce).toEqual(dark(1));
        await box.clock.pass(CONTACT_MS);
        await box.keeper.look();
        expect(box.inForce).toBeNull();
      }
      await box.pull();
      expect(box.inForce).toBeNull();
    }));

  test('a full disk holds up its trial, and nothing else', () =>
    withFolder(async (folder) => {
      const centre = await startSigningCentre();
      let isFull = false;
      const create: Disk['create'] = async (path) => {
        if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        return await realDisk.create(path);
      };
      const { keeper, clock, pull } = await startKeeper(centre, folder, { ...realDisk, create });
      await centre.offer({ version: 1, configuration: dark(1) });
      await pull();
      isFull = true;
      await clock.pass(TRIAL_MS);
      const stop = new AbortController();
      const running = keeper.run(stop.signal);
      const asked = centre.asked.length;
      keeper.heard('a');
      await until(async () => {
        await clock.pass(2_000);
        return centre.asked.length > asked;
      }, 40_000);
      expect(keeper.status).toMatchObject({ applied_version: 1, on_trial: true });
      isFull = false;
      await until(async () => {
        await clock.pass(2_000);
        return !keeper.status.on_trial;
      }, 40_000);
      expect(keeper.status).toMatchObject({ applied_version: 1, refused_version: null });
      stop.abort();
      await running;
    }));

  test('a version with which the box ends again and again is left at its fourth start', () =>
    withBox(async ({ centre, box, restart }) => {
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      for (let start = 0; start < 3; start++) expect((await restart()).inForce).toEqual(dark(1));
      const last = await restart();
      expect(last.inForce).toBeNull();
      expect(last.rolledBack).toEqual(['the box ended 3 times with it']);
      await last.pull();
      expect(last.inForce).toBeNull();
    }));

  test('a file that was spoilt on the disk is not used; the version comes again', () =>
    withBox(async ({ centre, box, folder, restart }) => {
      await centre.offer({ version: 1, configuration: dark(1) });
      await box.pull();
      await box.passTrial();
      const path = join(folder, 'configuration', '1.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('dark', 'bark'));
      const again = await restart();
      expect(again.inForce).toBeNull();
      expect(again.refused).toEqual(['changed']);
      await again.pull();
      expect(again.inForce).toEqual(dark(1));
    }));
});
