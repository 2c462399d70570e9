import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import fc from 'fast-check';
import { silent, withFolder } from '../_testing.ts';
import type { Disk, DiskFile } from '../buffer/disk.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { VirtualClock } from '../forward/_virtual-clock.ts';
import { Random } from '../simulation/random.ts';
import { Platter } from '../simulation/simulated-disk.ts';
import { IDENTITY, type SigningCentre, startSigningCentre } from './_signing-centre.ts';
import { ConfigurationFolder } from './folder.ts';
import { ConfigurationKeeper } from './keeper.ts';
import { ModelFiles } from './models.ts';
import {
  applied,
  CONTACT_MS,
  decide,
  failed,
  NOTHING,
  type PulledState,
  passed,
  started,
  stopped,
  TRIAL_MS,
} from './trial.ts';

setDefaultTimeout(60_000);
const never = new AbortController().signal;
const dark = (level: number): EdgeConfiguration => ({ thresholds: { dark: level } });

/** A box's keeper of configurations, as one life of its process has it. */
async function startKeeper(centre: SigningCentre, dataFolder: string, disk: Disk = realDisk) {
  const clock = new VirtualClock(Date.parse('2026-06-01'));
  const box = {
    clock,
    inForce: undefined as EdgeConfiguration | null | undefined,
    judgeWorks: true,
    inContact: true,
    rolledBack: [] as string[],
    refused: [] as string[],
  };
  const credential = {
    identity: () => IDENTITY,
    token: async () => 'token',
    refused: () => false,
  };
  const keeper = new ConfigurationKeeper({
    core: centre.core,
    credential,
    folder: new ConfigurationFolder(dataFolder, disk),
    models: new ModelFiles({
      dataFolder,
      disk,
      clock,
      core: centre.core,
      removeFolder: (path) => rm(path, { recursive: true, force: true }),
    }),
    clock,
    random: () => 0.5,
    log: silent,
    use: (configuration) => {
      box.inForce = configuration;
    },
    judgeWorks: () => box.judgeWorks,
    inContact: () => box.inContact,
    onRolledBack: (reason) => box.rolledBack.push(reason),
    onRefused: ({ kind }) => box.refused.push(kind),
    onStep: () => {},
  });
  await keeper.load();
  const passTrial = async () => {
    await clock.pass(TRIAL_MS);
    await keeper.look();
  };
  return Object.assign(box, { keeper, passTrial, pull: () => keeper.pull(never) });
}

type Box = Awaited<ReturnType<typeof startKeeper>>;

const withBox = (
  use: (given: {
    centre: SigningCentre;
    box: Box;
    folder: string;
    restart: () => Promise<Box>;
  }) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const centre = await startSigningCentre();
    const restart = () => startKeeper(centre, folder);
    await use({ centre, folder, restart, box: await restart() });
  });

describe('configuration from the centre', () => {
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
        { path: 'edge/configuration', headers: { 'if-none-match': '"1"' } },
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

describe('models from the centre', () => {
  const model = (seed: number) => Buffer.alloc(50_000, `model ${seed} `);
  const versions = (folder: string) => readdir(join(folder, 'models/plants'));

  test('come whole before anything is in force, go on where they were cut; the last two stay', () =>
    withBox(async ({ centre, box, folder }) => {
      const models = {
        'plants/1/plants.onnx': model(1),
        'plants/1/manifest.json': Buffer.from('{}'),
      };
      await centre.offer({ version: 1, configuration: dark(1), models });
      centre.setCut(20_000);
      for (let tries = 0; tries < 2; tries++) {
        const error = await box.pull().catch((cause: unknown) => cause);
        expect(error).toMatchObject({ kind: 'unreachable' });
        expect(box.inForce).toBeNull();
      }
      await box.pull();
      expect(box.inForce).toEqual(dark(1));
      const ranges = centre.asked.map(({ headers }) => headers.range).filter(Boolean);
      expect(ranges).toEqual(['bytes=20000-', 'bytes=40000-']);
      const file = await readFile(join(folder, 'models/plants/1/plants.onnx'));
      expect(file.equals(model(1))).toBe(true);
      centre.setCut(Number.POSITIVE_INFINITY);
      for (const version of [2, 3]) {
        await box.passTrial();
        const next = { [`plants/${version}/plants.onnx`]: model(version) };
        await centre.offer({ version, configuration: dark(1), models: next });
        await box.pull();
      }
      expect((await versions(folder)).sort()).toEqual(['2', '3']);
      expect(await readdir(join(folder, 'models/.pull'))).toEqual([]);
    }));

  test('with other bytes than were signed are no models', () =>
    withBox(async ({ centre, box, folder }) => {
      await centre.offer({ version: 1, models: { 'plants/1/plants.onnx': model(1) } });
      for (const [sha256, bytes] of centre.pieces) {
        if (bytes.length === 50_000) centre.pieces.set(sha256, model(2));
      }
      await box.pull();
      expect(box.refused).toEqual(['changed']);
      expect(box.inForce).toBeNull();
      expect(await versions(folder).catch(() => [])).toEqual([]);
    }));
});

test('a power cut at any step of an apply leaves the old or the new configuration in force', async () => {
  const centre = await startSigningCentre();
  const seen = new Set<number>();
  for (let cutAt = 1; cutAt < 60; cutAt++) {
    const random = new Random(cutAt);
    const honest = { sync: () => true, syncFolder: () => true };
    const platter = new Platter(random, honest, () => {});
    await centre.offer({ version: 1, configuration: dark(1) });
    const first = await startKeeper(centre, '/box', diskOf(platter));
    await first.pull();
    await first.passTrial();
    await centre.offer({ version: 2, configuration: dark(2) });
    const second = await startKeeper(centre, '/box', diskOf(platter, cutAt)).catch(() => null);
    await second?.pull().catch(() => {});
    platter.cutPower();
    const third = await startKeeper(centre, '/box', diskOf(platter));
    const level = third.inForce?.thresholds?.dark ?? 0;
    expect([1, 2]).toContain(level);
    expect(third.refused).toEqual([]);
    seen.add(level);
    await third.pull();
    expect(third.inForce).toEqual(dark(2));
  }
  expect([...seen].sort()).toEqual([1, 2]);
});

/** A disk of which the power goes at the given step, and nothing works after. */
function diskOf(platter: Platter, steps = Number.POSITIVE_INFINITY): Disk {
  let left = steps;
  const step = async <T>(act: () => T): Promise<T> => {
    if (left-- <= 0) throw new Error('the power is gone');
    return act();
  };
  const fileOf = (file: ReturnType<Platter['create']>): DiskFile => ({
    stat: () => step(() => ({ size: file.bytes.length })),
    read: () => step(() => ({ bytesRead: 0 })),
    write: (bytes, offset) =>
      step(() => {
        platter.write(file, bytes.subarray(offset));
        return { bytesWritten: bytes.length - offset };
      }),
    writeFile: (text) => step(() => platter.write(file, Buffer.from(text))),
    sync: () => step(() => platter.sync(file)),
    close: async () => {},
  });
  return {
    create: (path) => step(() => fileOf(platter.create(path))),
    sync: (file) => file.sync(),
    rename: (from, to) => step(() => platter.rename(from, to)),
    remove: (path) => step(() => platter.remove(path)),
    makeFolder: (path) => step(() => platter.makeFolder(path)),
    syncFolder: (path) => step(() => platter.syncFolder(path)),
    list: (path) => step(() => platter.list(path)),
    sizeOf: (path) => step(() => platter.require(path).bytes.length),
    free: async () => 1e9,
    read: async function* (path) {
      yield await step(() => platter.require(path).bytes);
    },
  };
}

test('whatever happens: in force is the version on trial or the last good one, and no older one comes back', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('offer' as const), version: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constantFrom('start', 'stop', 'pass', 'fail', 'lapse') }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let state: PulledState = NOTHING;
      const bad = new Set<number>();
      for (const one of events) {
        const before = state;
        if (one.kind === 'offer' && 'version' in one) {
          const decision = decide(state, one.version);
          if (decision === 'apply') {
            expect(bad.has(one.version)).toBe(false);
            const isRetry = state.refused?.version === one.version;
            expect(one.version > state.highest || isRetry).toBe(true);
            state = applied(state, one.version);
          }
        } else if (one.kind === 'start') state = started(state);
        else if (one.kind === 'stop') state = stopped(state);
        else if (one.kind === 'pass' && state.trial) state = passed(state);
        else if (one.kind === 'fail') state = failed(state, { reason: 'r', again: false });
        else if (one.kind === 'lapse') state = failed(state, { reason: 'r', again: true });
        if (before.trial && !state.trial && state.refused && !state.refused.again) {
          bad.add(state.refused.version);
        }
        expect(state.trial !== null || state.applied === state.good).toBe(true);
        expect(state.highest).toBeGreaterThanOrEqual(before.highest);
        expect(state.highest).toBeGreaterThanOrEqual(state.applied ?? 0);
      }
    }),
  );
});
