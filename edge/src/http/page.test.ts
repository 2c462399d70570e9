import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { encode } from 'uqr';
import { pairPhone } from '../_phone.ts';
import { postPhoto, testPhoto, toPhoto, until, withEdge, withFolder } from '../_testing.ts';

// Two judge processes start, one after the other, slowly on a busy machine.
setDefaultTimeout(240_000);

const KEY = 'a key of the camera';
const fresh = (use: (url: string, folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const cameras = join(folder, 'cameras.json');
    const key_sha256 = new Bun.CryptoHasher('sha256').update(KEY).digest('hex');
    const camera = { code: 'bench-1', name: 'Above bench 1', key_sha256, location_code: 'B2-07' };
    await writeFile(cameras, JSON.stringify({ cameras: [camera] }));
    const data = join(folder, 'data');
    const env = { DEMETER_EDGE_DATA: data, DEMETER_EDGE_CAMERAS: cameras };
    await withEdge(env, ({ url }) => use(url, data));
  });

interface PagePhoto {
  readonly photo_id: string;
  readonly state: string;
  readonly place: string | null;
  readonly can_send: boolean;
  readonly verdict: { readonly result: string } | null;
}

const authorization = `Bearer ${KEY}`;

async function tag(code: string): Promise<Uint8Array<ArrayBuffer>> {
  const { data, size } = encode(code, { border: 4 });
  const pixels = Uint8Array.from(data.flat(), (isDark) => (isDark ? 0 : 255));
  return new Uint8Array(
    await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
      .resize(500, 500, { kernel: 'nearest' })
      .jpeg()
      .toBuffer(),
  );
}

describe('what the page asks for', () => {
  test('photos with verdict, picture and place; a poor one is sent before others on request', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const good = await testPhoto(1);
      const poor = toPhoto(await sharp(good.bytes).blur(8).jpeg().toBuffer());
      await postPhoto(url, good.bytes, { authorization });
      await postPhoto(url, poor.bytes, { authorization, 'x-location-code': 'A1-03' });
      const all = await until(async () => {
        const { photos } = await phone.read<{ photos: PagePhoto[] }>('/page/photos');
        return photos.every(({ verdict }) => verdict) ? photos : null;
      }, 120_000);
      expect(all.map(({ photo_id, place }) => [photo_id, place])).toEqual([
        [poor.sha256, 'A1-03'],
        [good.sha256, 'B2-07'],
      ]);
      const path = '/page/photos?show=rejected';
      const { photos } = await phone.read<{ photos: PagePhoto[] }>(path);
      expect(photos.map(({ photo_id }) => photo_id)).toEqual([poor.sha256]);
      expect(photos[0]).toMatchObject({ can_send: true, verdict: { result: 'poor' } });

      const sent = await phone.ask(`/page/photos/${poor.sha256}/send`, { method: 'POST' });
      expect((await sent.json()) as PagePhoto).toMatchObject({ can_send: false });
      const foreign = await phone.ask(`/page/photos/${'ab'.repeat(32)}/send`, { method: 'POST' });
      expect(foreign.status).toBe(404);

      const preview = await phone.ask(`/page/photos/${good.sha256}/preview`);
      expect(preview.headers.get('content-type')).toBe('image/webp');
      const { width, format } = await sharp(await preview.arrayBuffer()).metadata();
      expect([width, format]).toEqual([480, 'webp']);

      const state = await phone.read<{ cameras: object[]; link: object }>('/page/state');
      expect(state.link).toEqual({ state: 'not configured', sentences: [], waiting: null });
      expect(state.cameras).toMatchObject([
        { name: 'Above bench 1', place: 'B2-07', last_photo: { photo_id: poor.sha256 } },
      ]);
      const { places } = await phone.read<{ places: { code: string }[] }>('/page/places');
      expect(places.map(({ code }) => code)).toEqual(['A1-03', 'B2-07']);
    }));

  test('the code in the photo of a tag; nothing of it stays on the box', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const scan = async (body: Uint8Array<ArrayBuffer>) => {
        const answer = await phone.ask('/page/scan', { method: 'POST', body });
        return { status: answer.status, body: (await answer.json()) as object };
      };
      expect(await scan(await tag('A1-03'))).toEqual({ status: 200, body: { codes: ['A1-03'] } });
      const { bytes } = await testPhoto(2, 300, 300);
      expect(await scan(new Uint8Array(bytes))).toEqual({ status: 200, body: { codes: [] } });
      expect((await scan(new Uint8Array(Buffer.from('no photo')))).status).toBe(415);
      expect(await readdir(join(folder, 'tmp'))).toEqual([]);
      const { photos } = await phone.read<{ photos: PagePhoto[] }>('/page/photos');
      expect(photos).toEqual([]);
    }));
});
