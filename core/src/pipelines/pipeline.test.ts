import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { chooseModel, parseTiling, pipelineDigest, toDefinition } from './pipeline.ts';

const model = (version: string, digest: string, name = 'plants') => ({ name, version, digest });

describe('the pipeline', () => {
  test('has one digest whatever the order of its keys', () => {
    const a = toDefinition({ name: 'plants', version: '1', digest: 'ab' }, { mode: 'auto' });
    const b = toDefinition({ digest: 'ab', version: '1', name: 'plants' }, { mode: 'auto' });
    expect(pipelineDigest(a)).toEqual(pipelineDigest(b));
    expect(pipelineDigest(a)).toHaveLength(32);
  });

  test('changes its digest with the model, a threshold and the tiling', () => {
    const plants = { name: 'plants', version: '1', digest: 'ab' };
    const digests = [
      toDefinition(plants, { mode: 'auto' }),
      toDefinition({ ...plants, digest: 'ac' }, { mode: 'auto' }),
      toDefinition({ ...plants, confidence: 0.4 }, { mode: 'auto' }),
      toDefinition(plants, { mode: 'fixed', tile_px: 640 }),
    ].map((definition) => pipelineDigest(definition).toString('hex'));
    expect(new Set(digests).size).toBe(4);
  });
});

describe('the model that is chosen', () => {
  const offered = [model('9', 'd9'), model('10', 'd10'), model('99', 'x', 'other')];

  test('is the highest version of the name', () => {
    expect(chooseModel('plants', offered, undefined)?.digest).toBe('d10');
  });
  test('is the version named', () => {
    expect(chooseModel('plants/9', offered, undefined)?.digest).toBe('d9');
    expect(chooseModel('plants/8', offered, undefined)).toBeUndefined();
  });
  test('stays the active file where servers disagree, else is what most hold', () => {
    const split = [model('1', 'a'), model('1', 'b'), model('1', 'b')];
    expect(chooseModel('plants', split, 'a')?.digest).toBe('a');
    expect(chooseModel('plants', split, undefined)?.digest).toBe('b');
  });
});

test('a tiling that is none is refused by name', () => {
  expect(parseTiling('640')).toEqual({ mode: 'fixed', tile_px: 640 });
  for (const wrong of ['12', 'yes', '1e9', '']) {
    try {
      parseTiling(wrong);
      throw new Error(`${wrong} was taken`);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).field).toBe('DEMETER_TILING');
    }
  }
});
