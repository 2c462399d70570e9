/** Our own model, through a real server, on the photos that it must count. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFile, startServer, TestCore, type TestServer, testData } from './_testing.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

const models = join(import.meta.dir, '../../models');

describe.skipIf(testData === undefined)('models/plants', () => {
  let server: TestServer;
  let core: TestCore;
  let sent = 0;
  beforeAll(async () => {
    server = await startServer({ MODEL_DIR: models });
    core = new TestCore(server.line.grpc);
  });
  afterAll(async () => {
    core.close();
    await server.stop();
  });

  async function count(...path: string[]): Promise<number> {
    const id = String(sent++);
    core.sendPhoto(id, await Bun.file(dataFile(...path)).bytes(), 'plants');
    const answer = await core.answerOf(id);
    if (!answer.result) throw new Error(JSON.stringify(answer));
    return answer.result.detections?.confidences.length ?? 0;
  }

  for (const [photo, plants, allowed] of [
    ['trays/arabidopsis_tray.jpg', 19, 1],
    ['derived/tray_mosaic_20MP.jpg', 76, 4],
    ['derived/tray_blurred.jpg', 19, 3],
    ['derived/tray_dark.jpg', 19, 3],
    ['derived/tray_overexposed.jpg', 19, 3],
    ['derived/tray_exif_orientation6.jpg', 19, 3],
  ] as const) {
    test(`counts ${plants} ± ${allowed} on ${photo}`, async () => {
      const counted = await count('photos-and-models', photo);
      expect(Math.abs(counted - plants), `counted ${counted}`).toBeLessThanOrEqual(allowed);
    });
  }

  test('counts the validation palms with at most 10 % error', async () => {
    const folder = ['train-palms', 'valid'] as const;
    let error = 0;
    let truth = 0;
    const photos = (await readdir(dataFile(...folder, 'images'))).filter((f) => /\.jpg$/.test(f));
    expect(photos).toHaveLength(32);
    for (const photo of photos) {
      const label = photo.replace(/\.jpg$/, '.txt');
      const lines = await Bun.file(dataFile(...folder, 'labels', label)).text();
      const palms = lines.split('\n').filter((line) => line.trim() !== '').length;
      error += Math.abs((await count(...folder, 'images', photo)) - palms);
      truth += palms;
    }
    expect(error / truth).toBeLessThanOrEqual(0.1);
  });
});
