import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  testPhoto,
  toPhoto,
  until,
  withFolder,
} from './_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const MIB = 1024 * 1024;
const LIMIT_MIB = 512;

/** Most resident memory of a process so far, in MiB, from /proc. */
async function peakMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  // A process that has just ended has none.
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** A JPEG of exactly `size` bytes: a real photo with application segments before its frame. */
function padded(photo: Buffer, size: number, seed: number): Buffer {
  const parts = [photo.subarray(0, 2)];
  for (let left = size - photo.length; left > 0; ) {
    const length = Math.min(left, 65_537);
    const segment = Buffer.alloc(length, seed);
    segment.set([0xff, 0xef], 0);
    segment.writeUInt16BE(length - 2, 2);
    parts.push(segment);
    left -= length;
  }
  return Buffer.concat([...parts, photo.subarray(2)]);
}

test.skipIf(process.platform !== 'linux')(
  'edge and judge stay under 512 MB with 64 MiB uploads and image bombs at once',
  () =>
    withFolder(async (folder) => {
      const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder });
      const { bytes } = await testPhoto(1);
      const large = [1, 2, 3, 4].map((seed) => padded(bytes, 64 * MIB, seed));
      const over = padded(bytes, 64 * MIB + 1, 5);
      // 96 megapixels in under 1 MB: within the limits, so it is decoded.
      const flat = { width: 12_000, height: 8_000, channels: 3, background: '#3a5' } as const;
      const bomb = await sharp({ create: flat }).png({ compressionLevel: 9 }).toBuffer();
      expect(bomb.length).toBeLessThan(2 * MIB);
      // All its coefficients are held at once; it decodes, given the memory.
      const progressive = { progressive: true, quality: 60, chromaSubsampling: '4:4:4' } as const;
      const greedy = await sharp({ create: flat }).jpeg(progressive).toBuffer();
      const statuses = await Promise.all(
        [...large, over, bomb, greedy].map(
          async (body) => (await postPhoto(edge.url, body)).status,
        ),
      );
      expect(statuses).toEqual([201, 201, 201, 201, 413, 201, 201]);
      let judgePeak = 0;
      const [bombId = '', greedyId = ''] = [bomb, greedy].map((bytes) => toPhoto(bytes).sha256);
      const judged = async (id: string) => (await getPhoto(edge.url, id)).state === 'judged';
      await until(
        async () => {
          for (const child of await childrenOf(edge.pid)) {
            judgePeak = Math.max(judgePeak, await peakMib(child).catch(() => 0));
          }
          return (await judged(bombId)) && (await judged(greedyId));
        },
        60_000,
        edge.stderr,
      );
      const edgePeak = await peakMib(edge.pid);
      console.log(
        `peak resident: edge ${edgePeak.toFixed(0)} MiB, judge ${judgePeak.toFixed(0)} MiB`,
      );
      expect(edgePeak).toBeLessThan(LIMIT_MIB);
      expect(judgePeak).toBeLessThan(LIMIT_MIB);
      expect((await getPhoto(edge.url, bombId)).verdict).toMatchObject({ result: 'poor' });
      // Not looked at, and no fault of the photo's: it goes on as it is.
      expect(await getPhoto(edge.url, greedyId)).toMatchObject({
        verdict: null,
        quarantined: null,
      });
      expect(await edge.kill('SIGTERM')).toBe(0);
    }),
  120_000,
);
