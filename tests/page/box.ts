import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
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
  /** How many bytes of photos that have not come whole are on its disk. */
  partBytes(): number;
  stop(): Promise<void>;
}

export async function startBox(): Promise<Box> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-box-'));
  const env = cleanEnvironment({
    DEMETER_EDGE_DATA: join(folder, 'edge'),
    DEMETER_EDGE_PORT: '0',
  });
  const starting = startChild({
    name: 'edge',
    entry: join(ROOT, 'edge/src/main.ts'),
    cwd: ROOT,
    env,
    logFile: join(folder, 'edge.log'),
  });
  const [built, child] = await Promise.all([
    runProgram('web/build.ts', [], cleanEnvironment({})),
    starting,
  ]);
  if (built.code !== 0) throw new Error(built.stderr);
  return {
    url: `http://${child.ready.http}`,
    partBytes: () => {
      const uploads = join(folder, 'edge/uploads');
      const sizes = readdirSync(uploads).map(
        (name) => statSync(join(uploads, name), { throwIfNoEntry: false })?.size ?? 0,
      );
      return sizes.reduce((sum, size) => sum + size, 0);
    },
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

/** A photo of a megabyte, with structure in every pixel; or a small, blurred one. */
export async function boxPhoto(number: number, blurred = false): Promise<ChosenFile> {
  const drawn = sharp(await drawPhoto(number)).raw();
  const { data, info } = await drawn.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const grain = randomBytes(data.length);
  const pixels = data.map((value, at) => Math.min(255, value + ((grain[at] ?? 0) >> 2)));
  const photo = sharp(pixels, { raw: { width, height, channels } });
  const small = await photo.clone().resize(100).png().toBuffer();
  const shown = blurred ? sharp(small).resize(width, height) : photo;
  const buffer = await shown.jpeg({ quality: 96 }).toBuffer();
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
