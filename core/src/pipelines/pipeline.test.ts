import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import {
  chooseModel,
  chooseTogether,
  modelsOf,
  parseModelName,
  parseModelNames,
  parseTiling,
  pipelineDigest,
  titleOf,
  toDefinition,
  toPipelineMessage,
} from './pipeline.ts';

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

describe('an ensemble', () => {
  const plants = model('1', 'ab');
  const roses = { ...model('2', 'ac', 'roses'), confidence: 0.4 };

  test('is the same in whatever order its models are named, and of one is that one', () => {
    const both = toDefinition([plants, roses], { mode: 'manifest' });
    expect(toDefinition([roses, plants], { mode: 'manifest' })).toEqual(both);
    expect(titleOf(both)).toBe('plants/1, roses/2');
    // As it was written before there were ensembles.
    const old = { version: 1, roles: { plants }, tiling: { mode: 'manifest' as const } };
    expect(toDefinition([plants], { mode: 'manifest' })).toEqual(old);
    expect(modelsOf(old)).toEqual([plants]);
  });

  test('is asked of servers as several models of one role', () => {
    const { models } = toPipelineMessage(toDefinition([roses, plants], { mode: 'off' }));
    expect(models).toEqual([
      { role: 'plants', name: 'plants', version: '1', digest: Buffer.from('ab', 'hex') },
      {
        role: 'plants',
        name: 'roses',
        version: '2',
        digest: Buffer.from('ac', 'hex'),
        confidence: 0.4,
      },
    ]);
  });

  test('names each model once', () => {
    expect(parseModelNames('plants/1, roses')).toEqual([
      { name: 'plants', version: '1' },
      { name: 'roses', version: undefined },
    ]);
    for (const wrong of ['', 'plants,', 'plants/', '/1', 'plants/1,plants/2']) {
      expect(() => parseModelNames(wrong)).toThrow('each name once');
    }
  });
});

describe('the model that is chosen', () => {
  const PLANTS = parseModelName('plants');
  const offered = [model('9', 'd9'), model('10', 'd10'), model('99', 'x', 'other')];

  test('is the highest version of the name', () => {
    expect(chooseModel(PLANTS, offered, undefined)?.digest).toBe('d10');
  });
  test('is the version named', () => {
    expect(chooseModel(parseModelName('plants/9'), offered, undefined)?.digest).toBe('d9');
    expect(chooseModel(parseModelName('plants/8'), offered, undefined)).toBeUndefined();
  });
  test('stays the active file where servers disagree, else is what most hold', () => {
    const split = [model('1', 'a'), model('1', 'b'), model('1', 'b')];
    expect(chooseModel(PLANTS, split, 'a')?.digest).toBe('a');
    expect(chooseModel(PLANTS, split, undefined)?.digest).toBe('b');
  });
});

describe('models that count together', () => {
  const wanted = parseModelNames('plants,roses');
  const rose = (version: string) => model(version, `rose ${version}`, 'roses');
  const plants = (version: string) => model(version, `plants ${version}`);
  const titles = (...servers: (readonly ReturnType<typeof model>[])[]) =>
    chooseTogether(wanted, servers, []).map(({ name, version }) => `${name}/${version}`);

  test('are of one server, whatever higher versions others have', () => {
    expect(titles([plants('1')], [rose('1')])).toEqual([]);
    expect(titles([plants('2')], [plants('1'), rose('1')], [rose('2')])).toEqual([
      'plants/1',
      'roses/1',
    ]);
  });
  test('where servers differ in both are those of the highest version of the first', () => {
    expect(titles([plants('1'), rose('2')], [plants('2'), rose('1')])).toEqual([
      'plants/2',
      'roses/1',
    ]);
  });
  test('of one model is what that alone would be', () => {
    const split = [[model('1', 'a')], [model('1', 'b')], [model('1', 'b')]];
    const chosen = (active: string) =>
      chooseTogether([parseModelName('plants')], split, [model('1', active)]);
    expect(chosen('a')).toEqual([model('1', 'a')]);
    expect(chosen('gone')).toEqual([model('1', 'b')]);
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
