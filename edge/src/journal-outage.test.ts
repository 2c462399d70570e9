import { expect, setDefaultTimeout, test } from 'bun:test';
import { startFaultCore } from './_fault-core.ts';
import { postPhoto, testPhoto, until, withEdge, withFolder } from './_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/** A journal that takes no more writes, as on a disk that somebody else has filled. */
const writable = (journal: { run(sql: string): unknown }, yes: boolean) =>
  journal.run(`PRAGMA query_only = ${yes ? 'OFF' : 'ON'}`);

test('while the journal cannot be written nothing ends, and all goes on afterwards', async () => {
  const core = await startFaultCore();
  await withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const first = await testPhoto(1, 400, 300);
      const second = await testPhoto(2, 400, 300);
      // The journal fails between the putting of one photo and the judging of another.
      core.setFault(async ({ step }) => {
        if (step === 'put') {
          await postPhoto(url, second.bytes);
          writable(journal, false);
        }
        return null;
      });
      expect((await postPhoto(url, first.bytes)).status).toBe(201);
      await until(() => core.objects.has(first.sha256));
      await Bun.sleep(2_500);
      core.setFault(null);
      const refused = await postPhoto(url, (await testPhoto(3, 400, 300)).bytes);
      expect(refused.status).toBeGreaterThanOrEqual(500);
      writable(journal, true);
      for (const { sha256 } of [first, second]) {
        await until(() => journal.photo(sha256)?.state === 'verified', 20_000);
        expect(core.registered.get(sha256)?.size).toBe(1);
      }
      // Its failing was no fault of the photo's.
      expect(journal.photo(second.sha256)?.quarantine).toBeNull();
    }),
  );
  core.stop();
}, 60_000);

test('bytes that come to replace spoilt ones stay, although the journal could not be written', () =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const { bytes, sha256 } = await testPhoto(1, 400, 300);
      await postPhoto(url, bytes);
      await until(() => journal.photo(sha256)?.state === 'judged');
      const path = `${folder}/spool/${sha256.slice(0, 2)}/${sha256}`;
      await Bun.write(path, Buffer.alloc(bytes.length));
      journal.update(sha256, { parked: 'BYTES_CHANGED' });
      writable(journal, false);
      expect((await postPhoto(url, bytes)).status).toBeGreaterThanOrEqual(500);
      writable(journal, true);
      expect(Buffer.from(await Bun.file(path).arrayBuffer()).equals(bytes)).toBe(true);
    }),
  ));
