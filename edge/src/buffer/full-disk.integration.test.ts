import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  type TestPhoto,
  testPhoto,
  withFolder,
} from '../_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/** A real disk of 20 MB that fills up; mounting one needs root. */
const root = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!root)(
  'a disk that runs full: 507, nothing acknowledged is lost, accepts again with room (needs root)',
  () =>
    withFolder(async (folder) => {
      const disk = join(folder, 'disk');
      await mkdir(disk);
      const mount = Bun.spawnSync([
        'mount',
        '-t',
        'tmpfs',
        '-o',
        'size=20m,mode=700',
        'tmpfs',
        disk,
      ]);
      if (!mount.success) throw new Error(`mount failed: ${mount.stderr}`);
      try {
        const edge = await spawnEdge({ DEMETER_EDGE_DATA: join(disk, 'data') });
        // Leaves room for the journal and a few photos.
        await Bun.write(join(disk, 'ballast'), Buffer.alloc(17 * 1024 * 1024));
        const acknowledged: TestPhoto[] = [];
        let full = 0;
        for (let seed = 0; seed < 40 && full < 3; seed++) {
          const photo = await testPhoto(seed, 1600, 1200);
          const answer = await postPhoto(edge.url, photo.bytes);
          if (answer.status === 201) acknowledged.push(photo);
          else {
            expect(answer).toMatchObject({ status: 507, body: { code: 'STORAGE_FULL' } });
            full++;
          }
        }
        expect(full).toBe(3);
        expect(acknowledged.length).toBeGreaterThan(1);
        await unlink(join(disk, 'ballast'));
        const late = await testPhoto(99, 1600, 1200);
        expect((await postPhoto(edge.url, late.bytes)).status).toBe(201);
        await edge.kill('SIGKILL');
        const again = await spawnEdge({ DEMETER_EDGE_DATA: join(disk, 'data') });
        for (const { bytes, sha256 } of [...acknowledged, late]) {
          expect((await getPhoto(again.url, sha256)).photo_id).toBe(sha256);
          const kept = Bun.file(join(disk, 'data/spool', sha256.slice(0, 2), sha256));
          expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
        }
        expect(await again.kill('SIGTERM')).toBe(0);
      } finally {
        Bun.spawnSync(['umount', '-l', disk]);
      }
    }),
  120_000,
);

test.skipIf(!root)(
  'a start on a full disk leaves the journal as it is (needs root)',
  () =>
    withFolder(async (folder) => {
      const disk = join(folder, 'disk');
      await mkdir(disk);
      const mount = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk]);
      if (!mount.success) throw new Error(`mount failed: ${mount.stderr}`);
      try {
        const data = { DEMETER_EDGE_DATA: join(disk, 'data') };
        const edge = await spawnEdge(data);
        const { bytes, sha256 } = await testPhoto(1, 400, 300);
        expect((await postPhoto(edge.url, bytes)).status).toBe(201);
        await edge.kill('SIGKILL');
        // SQLite makes it anew, which takes room.
        await unlink(join(disk, 'data/journal.sqlite-shm'));
        const ballast = join(disk, 'ballast');
        Bun.spawnSync(['dd', 'if=/dev/zero', `of=${ballast}`, 'bs=4096']);
        const refused = await spawnEdge(data);
        expect(await refused.exited).toBe(1);
        await unlink(ballast);
        expect((await readdir(join(disk, 'data'))).join()).not.toContain('broken');
        const again = await spawnEdge(data);
        expect(await getPhoto(again.url, sha256)).toMatchObject({ photo_id: sha256 });
        expect(again.stderr()).not.toContain('is rebuilt');
        expect(await again.kill('SIGTERM')).toBe(0);
      } finally {
        Bun.spawnSync(['umount', '-l', disk]);
      }
    }),
  120_000,
);
