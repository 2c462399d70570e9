import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import { realDisk } from '../buffer/real-disk.ts';
import { CountLost, CountServerAway, ModelNotServed } from '../count/mesh-counting.ts';
import { startKeeper, withBox } from './_keeper.ts';

// A hung test still ends, on a busy machine too.
setDefaultTimeout(60_000);
const dark = (level: number): EdgeConfiguration => ({ thresholds: { dark: level } });

describe('models from the centre', () => {
  const model = (seed: number) => Buffer.alloc(50_000, `model ${seed} `);
  const versions = (folder: string) => readdir(join(folder, 'models/plants')).catch(() => []);
  const plants = (version: number, level = version) => ({
    version,
    configuration: dark(level),
    models: { [`plants/${version}/plants.onnx`]: model(version) },
  });

  test('hold no configuration up, go on where they were cut; the last two stay', () =>
    withBox(async ({ centre, box, folder, restart }) => {
      const models = {
        'plants/1/plants.onnx': model(1),
        'plants/1/manifest.json': Buffer.from('{}'),
      };
      await centre.offer({ version: 1, configuration: dark(1), models });
      centre.setCut(20_000);
      await box.pull();
      expect(box.inForce).toEqual(dark(1));
      for (let tries = 0; tries < 2; tries++) {
        await box.bring();
        expect(box.keeper.models).toEqual({ plants: [] });
      }
      // However long it takes, and however often the power goes meanwhile.
      await box.passTrial();
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: true });
      for (let start = 0; start < 5; start++) await restart();
      const again = await restart();
      expect(again.inForce).toEqual(dark(1));
      await again.bring();
      expect(again.keeper.models).toEqual({ plants: ['1'] });
      expect(again.keeper.status).toMatchObject({ applied_version: 1, on_trial: false });
      const ranges = centre.asked.map(({ headers }) => headers.range).filter(Boolean);
      expect(ranges).toEqual(['bytes=20000-', 'bytes=40000-']);
      const file = await readFile(join(folder, 'models/plants/1/plants.onnx'));
      expect(file.equals(model(1))).toBe(true);
      centre.setCut(Number.POSITIVE_INFINITY);
      for (const version of [2, 3]) {
        await centre.offer(plants(version));
        await again.pull();
        await again.bring();
        await again.passTrial();
      }
      expect(again.keeper.models).toEqual({ plants: ['3', '2'] });
      expect((await versions(folder)).sort()).toEqual(['2', '3']);
      expect(await readdir(join(folder, 'models/.pull'))).toEqual([]);
    }));

  test('that were cut are left for those of a newer version, and leave nothing behind', () =>
    withBox(async ({ centre, box, folder }) => {
      await centre.offer(plants(1));
      await box.pull();
      centre.setCut(20_000);
      await box.bring();
      expect(await readdir(join(folder, 'models/.pull'))).toHaveLength(1);
      centre.setCut(Number.POSITIVE_INFINITY);
      await centre.offer(plants(2));
      await box.pull();
      await box.bring();
      expect(await versions(folder)).toEqual(['2']);
      expect(await readdir(join(folder, 'models/.pull'))).toEqual([]);
    }));

  test('with other bytes than were signed are no models', () =>
    withBox(async ({ centre, box, folder }) => {
      await centre.offer(plants(1));
      for (const [sha256, bytes] of centre.pieces) {
        if (bytes.length === 50_000) centre.pieces.set(sha256, model(2));
      }
      await box.pull();
      await box.bring();
      expect(box.refused).toEqual(['changed']);
      expect(box.inForce).toEqual(dark(1));
      expect(await versions(folder)).toEqual([]);
    }));

  test('count once the server has counted a picture with them, and are left with their version', () =>
    withBox(async ({ centre, box, folder, restart }) => {
      const tried: string[] = [];
      box.tryModel = async ({ name, version }) => void tried.push(`${name}/${version}`);
      await centre.offer(plants(1));
      await box.pull();
      expect(box.keeper.models).toEqual({ plants: [] });
      await box.bring();
      await box.passTrial();
      expect(tried).toEqual(['plants/1']);
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: false });
      await centre.offer(plants(2));
      await box.pull();
      await box.bring();
      expect(box.keeper.models).toEqual({ plants: ['2', '1'] });
      box.judgeWorks = false;
      await box.keeper.look();
      expect(box.inForce).toEqual(dark(1));
      expect(box.keeper.models).toEqual({ plants: ['1'] });
      expect(await versions(folder)).toEqual(['1']);
      expect((await restart()).keeper.models).toEqual({ plants: ['1'] });
    }));

  const UNSEEN = new ModelNotServed('it does not see that version');
  test.each([
    ['cannot serve', 1, new AppError('MODEL_INVALID', 'torn'), ': torn', 0],
    ['is lost over', 3, new CountLost('the server ended the stream'), 'lost 3 times', 0],
    ['does not see', 2, UNSEEN, 'it does not see that version', 10 * 60_000],
  ])('that the count server %s take their version with them', (_, tries, error, reason, ms) =>
    withBox(async ({ centre, box, folder }) => {
      await centre.offer(plants(1));
      await box.pull();
      await box.bring();
      await box.passTrial();
      await centre.offer(plants(2));
      await box.pull();
      box.tryModel = () => Promise.reject(error);
      for (let tried = 1; tried <= tries; tried++) {
        expect(box.inForce).toEqual(dark(2));
        expect(box.keeper.models).toEqual({ plants: ['1'] });
        await box.bring();
        await box.clock.pass(ms);
      }
      expect(box.inForce).toEqual(dark(1));
      expect(box.rolledBack).toEqual([expect.stringContaining(reason)]);
      expect(box.keeper.status.refused_reason).toContain('plants/2');
      expect(box.keeper.models).toEqual({ plants: ['1'] });
      // What the server may serve another time need not come again.
      const again = !(error instanceof AppError);
      expect((await versions(folder)).sort()).toEqual(again ? ['1', '2'] : ['1']);
      await box.pull();
      expect(box.inForce).toEqual(dark(again ? 2 : 1));
    }),
  );

  test('wait for a count server that is away, as long as it is', () =>
    withBox(async ({ centre, box }) => {
      box.tryModel = () => Promise.reject(new CountServerAway('refused'));
      await centre.offer(plants(1));
      await box.pull();
      for (let day = 0; day < 3; day++) {
        await box.bring();
        await box.clock.pass(24 * 3_600_000);
        await box.keeper.look();
      }
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: true });
      expect(box.inForce).toEqual(dark(1));
      box.tryModel = null;
      await box.bring();
      expect(box.keeper.status).toMatchObject({ applied_version: 1, on_trial: false });
    }));

  test('that no version names any more are nobody’s wish', () =>
    withBox(async ({ centre, box }) => {
      await centre.offer(plants(1));
      await box.pull();
      await box.bring();
      await box.passTrial();
      await centre.offer({ version: 2, configuration: dark(2) });
      await box.pull();
      expect(box.keeper.models).toEqual({});
    }));

  test('find no room: the configuration is in force, and they come when there is some', () =>
    withBox(async ({ centre, folder }) => {
      let free = 1_000;
      const box = await startKeeper(centre, folder, { ...realDisk, free: async () => free });
      await centre.offer(plants(1));
      await box.pull();
      await box.bring();
      expect(box.inForce).toEqual(dark(1));
      expect(await versions(folder)).toEqual([]);
      free = 1e12;
      await box.bring();
      expect(await versions(folder)).toEqual(['1']);
    }));
});
