import { beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFile, temporaryFolder, testData } from '../_testing.ts';
import { readRepository } from './repository.ts';

const detector = dataFile('photos-and-models/models/yolov8n_int8_640.onnx');
const sha256 = (path: string) =>
  Bun.file(path)
    .bytes()
    .then((bytes) => createHash('sha256').update(bytes).digest('hex'));

/** What is wrong with the one model of `folder`. */
async function reasonIn(folder: string): Promise<string> {
  const [entry, ...others] = await readRepository([folder]);
  expect(others).toEqual([]);
  if (!entry || 'spec' in entry) throw new Error('the model was taken');
  return entry.error.message;
}

describe.skipIf(testData === undefined)('a models folder', () => {
  let folder: string;
  let version: string;
  let manifest: Record<string, unknown>;
  const write = () => writeFileSync(join(version, 'manifest.json'), JSON.stringify(manifest));

  beforeEach(async () => {
    folder = temporaryFolder();
    version = join(folder, 'things', '1');
    mkdirSync(version, { recursive: true });
    copyFileSync(detector, join(version, 'things.onnx'));
    manifest = {
      name: 'things',
      version: '1',
      role: 'plants',
      file: 'things.onnx',
      sha256: await sha256(detector),
      input: { size: [640, 640] },
      classes: Array.from({ length: 80 }, (_, index) => `thing ${index}`),
      thresholds: { confidence: 0.3, iou: 0.5 },
      object_px: [26, 280],
      licence: 'none',
    };
    write();
  });

  test('holds a model as its manifest describes it', async () => {
    const [entry] = await readRepository([folder]);
    expect(entry).toMatchObject({
      spec: {
        role: 'plants',
        confidence: 0.3,
        input: { name: 'images', width: 640, height: 640, batch: 1, open: false },
        outputs: [{ name: 'output0', dims: [1, 84, 8400] }],
        output: { layout: 'yolo-detect' },
        tiling: { mode: 'auto', longSidesPx: [320, 640, 1280, 2560] },
      },
    });
  });

  test('says by name what is wrong with a model', async () => {
    manifest.sha256 = '0'.repeat(64);
    write();
    expect(await reasonIn(folder)).toContain('the manifest says 0000');

    manifest = { ...manifest, object_px: 'large', thresholds: { confidence: 7, iou: 0.5 } };
    write();
    const reason = await reasonIn(folder);
    expect(reason).toContain(join('things', '1', 'manifest.json'));
    expect(reason).toContain('thresholds.confidence');
    expect(reason).toContain('object_px');

    writeFileSync(join(version, 'manifest.json'), '{');
    expect(await reasonIn(folder)).toContain('no JSON');
  });

  test('asks only for what the layout needs, and says what is missing', async () => {
    manifest = { ...manifest, object_px: undefined, classes: undefined };
    write();
    expect(await reasonIn(folder)).toContain('lacks what this layout needs: classes, object_px');

    manifest = { ...manifest, thresholds: undefined, output: { layout: 'embed' } };
    write();
    expect(await readRepository([folder])).toMatchObject([
      { spec: { task: 'embed', classNames: [], tiling: { mode: 'off' }, weight: 1 } },
    ]);

    manifest.output = { layout: 'ctc' };
    write();
    expect(await reasonIn(folder)).toContain('lacks what this layout needs: output.characters');

    manifest.output = { layout: 'yolo-dream' };
    write();
    expect(await reasonIn(folder)).toContain('output.layout');
  });

  test('says how pixels become numbers, over what the family was trained with', async () => {
    manifest.input = { size: [640, 640], color: 'BGR', mean: [0.5, 0.4, 0.3], pad: 0 };
    manifest.weight = 2;
    write();
    const pixels = { colour: 'BGR', range: [0, 1], mean: [0.5, 0.4, 0.3], std: [1], pad: 0 };
    expect(await readRepository([folder])).toMatchObject([
      { spec: { weight: 2, input: { pixels } } },
    ]);

    manifest.input = { size: [640, 640], std: [1, 0, 1] };
    write();
    expect(await reasonIn(folder)).toContain('input.std: not 0');
  });

  test('is served only under the profiles that its manifest names', async () => {
    manifest.profiles = ['staging', 'development'];
    write();
    expect(await readRepository([folder], 'production')).toEqual([]);
    expect(await readRepository([folder], 'staging')).toHaveLength(1);
    manifest.profiles = ['nowhere'];
    write();
    expect(await reasonIn(folder)).toContain('profiles');
  });

  test('says that a file is missing, cut short, elsewhere, or of another size', async () => {
    manifest.file = 'other.onnx';
    write();
    expect(await reasonIn(folder)).toContain('other.onnx cannot be read');

    manifest.file = '../1/things.onnx';
    write();
    expect(await reasonIn(folder)).toContain('beside the manifest');

    manifest.file = 'things.onnx';
    manifest.input = { size: [320, 320] };
    write();
    expect(await reasonIn(folder)).toContain('takes 640 × 640 pixels');

    const bytes = await Bun.file(detector).bytes();
    writeFileSync(join(version, 'things.onnx'), bytes.subarray(0, 100_000));
    expect(await reasonIn(folder)).toContain('cut short');
  });

  test('takes bare files by their own metadata, and refuses what says too little', async () => {
    const entries = await readRepository([dataFile('photos-and-models/models')]);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    expect(byName.get('yolov8n-seg_int8_320')).toMatchObject({
      version: '1',
      spec: { task: 'segment', role: '', tiling: { mode: 'off' } },
    });
    const names = byName.get('yolov8n_int8_640');
    expect(names && 'spec' in names && names.spec.classNames[58]).toBe('potted plant');
    expect(byName.get('yolox_nano_416')).toMatchObject({
      spec: { output: { layout: 'yolox' }, input: { pixels: { colour: 'BGR', range: [0, 255] } } },
    });
    expect(byName.get('ppocr_cls')).toMatchObject({
      error: { message: expect.stringContaining('takes x float32 [?, 3, ?, ?] and gives') },
    });
  });

  test('of one name twice the first stands', async () => {
    const entries = await readRepository([folder, folder]);
    expect(entries.map((entry) => 'spec' in entry)).toEqual([true, false]);
  });
});

test('a folder that is not there is named, and hides no other', async () => {
  const entries = await readRepository(['/no/such/folder', temporaryFolder()]);
  expect(entries).toMatchObject([
    { error: { code: 'MODEL_INVALID', message: expect.stringContaining('/no/such/folder') } },
  ]);
});
