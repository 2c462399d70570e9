import { expect, setDefaultTimeout, test } from 'bun:test';
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { pairPhone } from '../_phone.ts';
import { testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import type { DiskFile } from '../buffer/disk.ts';
import type { Intake } from '../buffer/intake.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { Devices } from '../pairing/devices.ts';
import { UPLOAD_HOURS, UploadStore } from './upload-store.ts';

setDefaultTimeout(60_000);

const DAY_MS = UPLOAD_HOURS * 3_600_000;

test('what lies on the disk beyond the flushed bytes, or is missing below them, is sent again', () =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url }) => {
      const phone = await pairPhone(url, folder);
      const { bytes, sha256 } = await testPhoto(21, 700, 500);
      const half = bytes.length >> 1;
      const upload = await phone.begin(bytes.length);
      await phone.patch(upload, 0, bytes.subarray(0, half));
      const path = join(folder, 'uploads', upload.split('/').pop() ?? '');

      await appendFile(path, 'left over from before a power cut');
      expect(await phone.offset(upload)).toBe(half);
      await truncate(path, 100);
      expect(await phone.offset(upload)).toBe(100);
      const done = await phone.patch(upload, 100, bytes.subarray(100));
      expect(done.headers.get('photo-id')).toBe(sha256);
      const kept = await readFile(join(folder, 'spool', sha256.slice(0, 2), sha256));
      expect(Buffer.compare(kept, bytes)).toBe(0);
    }),
  ));

test('bytes whose flush failed count as not sent, and people are called', () =>
  withFolder(async (folder) => {
    let flushes = 0;
    const disk = {
      ...realDisk,
      sync: async (file: DiskFile) => {
        if (++flushes === 1) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        await file.sync();
      },
    };
    await withEdge(
      { DEMETER_EDGE_DATA: folder },
      async ({ url }) => {
        const phone = await pairPhone(url, folder);
        const { bytes, sha256 } = await testPhoto(22, 700, 500);
        const upload = await phone.begin(bytes.length);
        const failed = await phone.patch(upload, 0, bytes.subarray(0, 1000));
        expect(failed.status).toBe(503);
        expect(await phone.offset(upload)).toBe(0);
        const { alarms } = await phone.read<{ alarms: object[] }>('/page/state');
        expect(alarms).toMatchObject([{ code: 'disk_failed' }]);
        const done = await phone.patch(upload, 0, bytes);
        expect(done.headers.get('photo-id')).toBe(sha256);
      },
      { disk },
    );
  }));

test('an upload that nobody came back for is removed after a day, and files that nobody knows at once', () =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const phone = await pairPhone(url, folder);
      const upload = await phone.begin(1000);
      await phone.patch(upload, 0, Buffer.alloc(10));
      await writeFile(join(folder, 'uploads', 'unknown'), 'x');
      const storeAt = (ms: number) =>
        new UploadStore({
          folder,
          journal,
          devices: new Devices(journal, systemClock),
          intake: null as unknown as Intake,
          quotaBytes: 0,
          disk: realDisk,
          clock: { ...systemClock, now: () => Date.now() + ms },
          onAlarm: () => {},
        });
      expect(await storeAt(DAY_MS - 60_000).deleteExpired()).toBe(0);
      expect(await readdir(join(folder, 'uploads'))).toEqual([upload.split('/').pop() ?? '']);
      expect(await phone.offset(upload)).toBe(10);
      // Also where it began before the clock was set back.
      const second = await phone.begin(1000);
      expect(await storeAt(DAY_MS + 60_000).deleteExpired()).toBe(2);
      expect(await phone.offset(second)).toBe(-404);
      await phone.begin(1000);
      expect(await storeAt(-DAY_MS - 60_000).deleteExpired()).toBe(1);
      expect(await readdir(join(folder, 'uploads'))).toEqual([]);
      expect(await phone.offset(upload)).toBe(-404);
    }),
  ));

test('a phone that is unpaired leaves nothing half sent behind', () =>
  withFolder(async (folder) => {
    const env = { DEMETER_EDGE_DATA: folder };
    await withEdge(env, async ({ url }) => {
      const phone = await pairPhone(url, folder);
      await phone.begin(1000);
      const { device } = await phone.read<{ device: { id: string } }>('/page/me');
      await phone.ask(`/page/devices/${device.id}`, { method: 'DELETE' });
    });
    // The next start sweeps.
    await withEdge(env, () =>
      until(async () => (await readdir(join(folder, 'uploads'))).length === 0),
    );
  }));
