import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { startFaultCore } from '../_fault-core.ts';
import {
  briskClock,
  getPhoto,
  postPhoto,
  testPhoto,
  toPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { JUDGE_DEFAULTS, JudgeProcess } from './judge-process.ts';
import type { Verdict } from './verdict.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(120_000);

const judged = (url: string, sha256: string) =>
  until(async () => {
    const photo = await getPhoto(url, sha256);
    return photo.state === 'spooled' ? null : photo;
  }, 110_000);

const fresh = (use: (url: string, folder: string) => Promise<void>, judgeProcess?: JudgeProcess) =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, ({ url }) => use(url, folder), {
      clock: briskClock,
      ...(judgeProcess ? { judgeProcess } : {}),
    }),
  );

describe('the judge', () => {
  test('tells good photos from blurred, dark, overexposed, covered and small ones', () =>
    fresh(async (url) => {
      const { bytes } = await testPhoto(1);
      const thumb = Buffer.from(
        '<svg width="500" height="900"><rect width="500" height="900"/></svg>',
      );
      const variants = {
        good: bytes,
        obstructed: await sharp(bytes)
          .composite([{ input: thumb, left: 0, top: 0 }])
          .toBuffer(),
        too_small: await sharp(bytes).resize(200).toBuffer(),
        blurred: await sharp(bytes).blur(8).jpeg().toBuffer(),
        too_dark: await sharp(bytes).linear(0.12, 0).jpeg().toBuffer(),
        too_bright: await sharp(bytes).linear(0.5, 170).jpeg().toBuffer(),
      };
      for (const [wanted, variant] of Object.entries(variants)) {
        const { sha256 } = toPhoto(variant);
        await postPhoto(url, variant);
        const verdict = (await judged(url, sha256)).verdict as Verdict;
        const codes = verdict.reasons.map(({ code }) => code as string);
        if (wanted === 'good') expect(verdict).toMatchObject({ result: 'good', reasons: [] });
        else expect(codes).toContain(wanted);
      }
    }));

  test('reads PNG and WebP as well', () =>
    fresh(async (url) => {
      const { bytes } = await testPhoto(1);
      for (const format of ['png', 'webp'] as const) {
        const photo = toPhoto(await sharp(bytes).toFormat(format).toBuffer());
        await postPhoto(url, photo.bytes);
        const found = await judged(url, photo.sha256);
        expect(found).toMatchObject({
          media_type: `image/${format}`,
          verdict: { result: 'good' },
        });
      }
    }));

  test('sees that a camera repeats itself within a minute', () =>
    fresh(async (url) => {
      const first = await testPhoto(1);
      const again = toPhoto(await sharp(first.bytes).jpeg({ quality: 60 }).toBuffer());
      const other = await testPhoto(2);
      for (const { bytes, sha256 } of [first, again, other]) {
        await postPhoto(url, bytes);
        await judged(url, sha256);
      }
      const verdict = (await getPhoto(url, again.sha256)).verdict;
      expect(verdict).toMatchObject({ near_duplicate_of: first.sha256 });
      expect((await getPhoto(url, other.sha256)).verdict).toMatchObject({
        near_duplicate_of: null,
      });
    }));

  test('what looks whole and cannot be decoded is quarantined, kept and forwarded', async () => {
    const core = await startFaultCore();
    const { bytes } = await testPhoto(1);
    const cut = Buffer.concat([bytes.subarray(0, bytes.length * 0.6), Buffer.from([0xff, 0xd9])]);
    const { sha256 } = toPhoto(cut);
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        expect((await postPhoto(url, cut)).status).toBe(201);
        const photo = await until(async () => {
          const found = await getPhoto(url, sha256);
          return found.state === 'verified' ? found : null;
        });
        expect(photo.quarantined).toContain('damaged');
        expect(photo.verdict).toMatchObject({ result: 'undecodable' });
        expect(core.objects.get(sha256)?.equals(cut)).toBe(true);
        const listed = await (await fetch(`${url}/photos?state=quarantined`)).json();
        expect(listed).toMatchObject({ photos: [{ photo_id: sha256 }] });
      }),
    );
    core.stop();
  });

  /** A judge program that does `action` for photos, after it has said that it is ready. */
  const program = async (folder: string, action: string, timeoutMs: number) => {
    const path = join(folder, 'judge.ts');
    await writeFile(
      path,
      `process.on('message', (request) => { ${action} }); process.send({ kind: 'ready' });`,
    );
    return new JudgeProcess({ ...JUDGE_DEFAULTS, timeoutMs, program: path });
  };

  test.each([
    ['crashes', 'process.kill(process.pid, "SIGSEGV")', 30_000],
    // The next photo's answer is to come within this, on a busy machine too.
    ['hangs', 'while (true) {}', 1_500],
    ['is silent', '', 1_500],
  ])(
    'a photo on which the judge %s twice is quarantined, and the next one judged',
    (_name, fault, timeoutMs) =>
      withFolder(async (folder) => {
        const photo = await testPhoto(1, 400, 300);
        const next = await testPhoto(2, 400, 300);
        const good = `process.send({ kind: 'measured', id: request.id, residentBytes: 1,
        exif: { captured_at: null, captured_at_local: null, position: null, orientation: null },
        measurement: { decoded: true, sharpness: 500, phash: '${'0'.repeat(64)}',
          empty: 0, exposure: { brightness: 100, black: 0, white: 0, shadow: 20 } } });`;
        const action = `if (request.path.includes('${photo.sha256}')) { ${fault} } else { ${good} }`;
        const judgeProcess = await program(folder, action, timeoutMs);
        await fresh(async (url, data) => {
          await postPhoto(url, photo.bytes);
          await postPhoto(url, next.bytes);
          expect((await judged(url, photo.sha256)).quarantined).toContain('failed twice');
          expect((await judged(url, next.sha256)).verdict).toMatchObject({ result: 'good' });
          const kept = join(data, 'spool', photo.sha256.slice(0, 2), photo.sha256);
          expect(existsSync(kept)).toBe(true);
        }, judgeProcess);
      }),
  );

  test('photos go on without a verdict where the judge does not start', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'judge.ts');
      await writeFile(path, 'throw new Error("does not start")');
      const judgeProcess = new JudgeProcess({ ...JUDGE_DEFAULTS, program: path });
      await fresh(async (url) => {
        const { bytes, sha256 } = await testPhoto(1, 400, 300);
        await postPhoto(url, bytes);
        expect(await judged(url, sha256)).toMatchObject({ state: 'judged', verdict: null });
        const health = await (await fetch(`${url}/health`)).json();
        expect(health).toMatchObject({ status: 'degraded', judge: 'failed' });
      }, judgeProcess);
    }));
});

const data = process.env.DEMETER_TEST_DATA ?? join(import.meta.dir, '../../../../shared/data');
const photos = join(data, 'photos-and-models');

describe.skipIf(!existsSync(photos))('the judge on real photos (needs DEMETER_TEST_DATA)', () => {
  const cases: [string, string, object][] = [
    ['trays/arabidopsis_tray.jpg', '', { captured_at_local: '2017-01-18T15:10:06' }],
    ['derived/tray_blurred.jpg', 'blurred', {}],
    ['derived/tray_dark.jpg', 'too_dark', {}],
    ['derived/tray_overexposed.jpg', 'too_bright', {}],
    ['derived/tray_exif_orientation6.jpg', '', { orientation: 6 }],
    [
      'gps-and-formats/IMG_2682.heic',
      '',
      { position: { longitude: -96.071625, latitude: 41.2203, accuracy_m: 10 } },
    ],
    ['gps-and-formats/empty_gps_16MP.jpg', '', { position: null }],
    ['gps-and-formats/DJI_0005_gps.jpg', '', { captured_at_local: '2020-06-04T22:10:30' }],
  ];

  test.each(cases)('%s: %p', (name, code, facts) =>
    fresh(async (url) => {
      const { bytes, sha256 } = toPhoto(await readFile(join(photos, name)));
      await postPhoto(url, bytes);
      const photo = await judged(url, sha256);
      expect(photo).toMatchObject(facts);
      const { reasons, result } = photo.verdict as Verdict;
      expect(result).toBe(code === '' ? 'good' : 'poor');
      expect(reasons.map((reason) => reason.code as string)).toEqual(code === '' ? [] : [code]);
    }),
  );
});
