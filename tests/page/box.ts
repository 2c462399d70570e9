import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '@demeter/common/child-process';
import sharp from 'sharp';
import { encode } from 'uqr';
import { cleanEnvironment } from '../system/environment.ts';
import { drawPhoto } from '../system/photos.ts';
import { ROOT, runProgram } from '../system/program.ts';

/** An edge with its own page, as it is started on a box. */
export interface Box {
  readonly url: string;
  /** A PIN, as somebody at the box asks for it. */
  pin(): Promise<string>;
  stop(): Promise<void>;
}

export async function startBox(): Promise<Box> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-box-'));
  const built = await runProgram('web/build.ts', [], cleanEnvironment({}));
  if (built.code !== 0) throw new Error(built.stderr);
  const env = cleanEnvironment({
    DEMETER_EDGE_DATA: join(folder, 'edge'),
    DEMETER_EDGE_PORT: '0',
  });
  const child = await startChild({
    name: 'edge',
    entry: join(ROOT, 'edge/src/main.ts'),
    cwd: ROOT,
    env,
    logFile: join(folder, 'edge.log'),
  });
  return {
    url: `http://${child.ready.http}`,
    pin: async () => {
      const { stdout, stderr } = await runProgram('edge/src/admin.ts', ['pin', '--json'], env);
      if (stdout === '') throw new Error(stderr);
      return (JSON.parse(stdout) as { pin: string }).pin;
    },
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file to choose in the page. */
export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A photo large enough to be cut on its way; blurred, the box finds it poor. */
export async function boxPhoto(number: number, blurred = false): Promise<ChosenFile> {
  const [width, height] = [1600, 1200];
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const grain = await sharp({
    create: { width, height, channels: 3, background: '#808080', noise },
  })
    .png()
    .toBuffer();
  const sharpest = await sharp(await drawPhoto(number))
    .resize(width, height)
    .composite([{ input: grain, blend: 'soft-light' }])
    .toBuffer();
  const photo = blurred ? sharp(sharpest).blur(14) : sharp(sharpest);
  const buffer = await photo.jpeg({ quality: 94 }).toBuffer();
  return { name: `bench-${number}.jpg`, mimeType: 'image/jpeg', buffer };
}

/** A photo of a tag with this code, a little turned, as hands take it. */
export async function tagPhoto(code: string): Promise<ChosenFile> {
  const { data, size } = encode(code, { border: 4 });
  const pixels = Uint8Array.from(data.flat(), (isDark) => (isDark ? 40 : 235));
  const buffer = await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .resize(600, 600, { kernel: 'nearest' })
    .rotate(8, { background: '#b9b2a4' })
    .extend({ top: 200, bottom: 200, left: 300, right: 300, background: '#b9b2a4' })
    .jpeg()
    .toBuffer();
  return { name: 'tag.jpg', mimeType: 'image/jpeg', buffer };
}
