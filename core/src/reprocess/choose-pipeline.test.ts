import { expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { pipelineDigest, titleOf, toDefinition } from '../pipelines/pipeline.ts';
import { choosePipeline } from './choose-pipeline.ts';

const model = (name: string, version: string) => ({ name, version, digest: `${name}${version}` });
const active = toDefinition([model('plants', '1'), model('roses', '1')], { mode: 'auto' });
const pipelines = {
  require: async () => ({ digest: pipelineDigest(active), definition: active }),
};
const offered = [model('plants', '1'), model('plants', '2'), model('roses', '1')];
const NONE = { model: '', tiling: '', masks: false };
const choose = (options: Partial<typeof NONE> & { confidence?: number }) =>
  choosePipeline({ ...NONE, ...options }, pipelines, offered);

test('what is not said stays as it is: all models of an ensemble, and the tiling', async () => {
  expect(await choose({})).toEqual(active);
  const stricter = await choose({ confidence: 0.7, tiling: 'off' });
  expect(titleOf(stricter)).toBe('plants/1, roses/1');
  expect(stricter).toMatchObject({
    roles: { plants: [{ confidence: 0.7 }, { confidence: 0.7 }] },
    tiling: { mode: 'off' },
  });
  expect(await choose({ masks: true })).toEqual({ ...active, masks: true });
});

test('one model or several are named as in the settings', async () => {
  expect(titleOf(await choose({ model: 'plants' }))).toBe('plants/2');
  expect(titleOf(await choose({ model: 'roses, plants/2' }))).toBe('plants/2, roses/1');
  const gone = { code: 'MODEL_UNAVAILABLE', field: 'model' };
  expect(await rejection(choose({ model: 'plants,roses/3' }))).toMatchObject(gone);
  const twice = { code: 'INVALID_INPUT', field: 'model' };
  expect(await rejection(choose({ model: 'plants/1,plants/2' }))).toMatchObject(twice);
});
