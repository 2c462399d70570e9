import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SAMPLES } from './catalogue.ts';
import { type KnownPlace, renderSamples, type SamplePhoto } from './render.ts';

setDefaultTimeout(240_000);

const PLACES: KnownPlace[] = SAMPLES.map((_, index) => ({
  code: `P-${index}`,
  longitude: -70.5 - index / 1000,
  latitude: 33.25,
}));

async function render(): Promise<{ folder: string; photos: SamplePhoto[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-samples-'));
  return { folder, photos: await Array.fromAsync(renderSamples(folder, PLACES)) };
}

describe('samples', () => {
  let first: Awaited<ReturnType<typeof render>>;
  const bytes = (file: string) => readFileSync(join(first.folder, file));

  beforeAll(async () => {
    first = await render();
    return () => rmSync(first.folder, { recursive: true, force: true });
  });

  test('know how many plants were drawn, empty pots left out', () => {
    const truth = Object.fromEntries(first.photos.map(({ file, truth }) => [file, truth]));
    expect(truth).toEqual({
      'tray-of-twenty.jpg': 19,
      'cacti-in-clay.jpg': 23,
      'echeverias-on-gravel.jpg': 16,
      'seedlings-in-plugs.jpg': 58,
      'mixed-pots.jpg': 15,
      'blurred-tray.jpg': 12,
      'sent-twice.jpg': 19,
      'cut-off.jpg': undefined,
      'not-a-photo.jpg': undefined,
    });
  });

  test('are the same bytes at every start: they are the same photos to the system', async () => {
    const second = await render();
    for (const { file } of second.photos) {
      expect(readFileSync(join(second.folder, file)).equals(bytes(file)), file).toBe(true);
    }
    rmSync(second.folder, { recursive: true, force: true });
  });

  test('one is sent twice, one ends early, one is no photo', async () => {
    expect(bytes('sent-twice.jpg').equals(bytes('tray-of-twenty.jpg'))).toBe(true);
    expect(bytes('cut-off.jpg').subarray(-2)).not.toEqual(Buffer.from([0xff, 0xd9]));
    expect(bytes('not-a-photo.jpg').toString()).toStartWith('A note');
  });

  test('one carries its position', async () => {
    const { exif } = await sharp(bytes('echeverias-on-gravel.jpg')).metadata();
    expect(exif).toBeDefined();
    expect((await sharp(bytes('mixed-pots.jpg')).metadata()).exif).toBeUndefined();
  });
});
