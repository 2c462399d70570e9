import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { enlarge } from '@demeter/common/testing';
import { type FaultCore, startFaultCore } from '../_fault-core.ts';
import { postPhoto, testPhoto, toPhoto, until, withEdge, withFolder } from '../_testing.ts';
import { addParts } from './_part-store.ts';

// Edges start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

let core: FaultCore;
beforeEach(async () => {
  core = await startFaultCore();
});
afterEach(() => core.stop());

const count = (step: string) => core.calls.filter((call) => call.step === step).length;

test('while only the store is away, the core is asked for grants no oftener than puts are tried', () => {
  let away = true;
  core.setFault(({ step }) =>
    step === 'put' && away ? new Response(null, { status: 503 }) : null,
  );
  return withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const photos = await Promise.all([1, 2, 3, 4].map((seed) => testPhoto(seed, 400, 300)));
      for (const { bytes } of photos) expect((await postPhoto(url, bytes)).status).toBe(201);
      // The breaker is open after three; its next trials are at most some seconds apart.
      await until(() => count('put') >= 4, 60_000);
      // Photos under way when it opened have had their grants in vain.
      expect(count('grant') - count('put')).toBeLessThanOrEqual(4);
      away = false;
      for (const { sha256 } of photos) {
        await until(() => journal.photo(sha256)?.state === 'verified', 60_000);
      }
    }),
  );
});

test('a store whose answers are lost works all the same, once the centre has the photos', () => {
  core.setFault(async (call, request) => {
    const arrived = core.objects.has(call.sha256);
    if (call.step === 'grant' && arrived) return Response.json({ state: 'stored' });
    if (call.step !== 'put') return null;
    await core.act(call, request);
    return new Response(null, { status: 503 });
  });
  return withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const photos = await Promise.all([1, 2, 3, 4].map((seed) => testPhoto(seed, 400, 300)));
      for (const { bytes } of photos) expect((await postPhoto(url, bytes)).status).toBe(201);
      for (const { sha256 } of photos) {
        await until(() => journal.photo(sha256)?.state === 'verified', 60_000);
      }
      expect(count('put')).toBe(photos.length);
      const health = await (await fetch(`${url}/health`)).json();
      expect(health).toMatchObject({ forwarding: { troubles: [] } });
    }),
  );
});

test('what waits after an outage before the start is sent at once', () =>
  withFolder(async (folder) => {
    const env = { DEMETER_EDGE_DATA: folder };
    const { bytes, sha256 } = await testPhoto(1, 400, 300);
    await withEdge(env, async ({ url, journal }) => {
      await postPhoto(url, bytes);
      await until(() => journal.photo(sha256)?.state === 'judged', 60_000);
      journal.update(sha256, { attempts: 9, due_at: Date.now() + 600_000 });
    });
    await withEdge({ ...core.env, ...env }, async ({ journal }) => {
      await until(() => journal.photo(sha256)?.state === 'verified', 60_000);
    });
  }));

test('bytes that this disk does not give back are said to be so, and blamed on no store', () =>
  withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      const { bytes, sha256 } = await testPhoto(1, 400, 300);
      core.setFault(async ({ step }) => {
        const path = join(folder, 'spool', sha256.slice(0, 2), sha256);
        if (step === 'grant') await unlink(path).catch(() => {});
        return null;
      });
      await postPhoto(url, bytes);
      await until(() => journal.photo(sha256)?.parked === 'BYTES_CHANGED', 60_000);
      expect(journal.photo(sha256)?.quarantine).toContain('have changed');
      const health = (await (await fetch(`${url}/health`)).json()) as {
        alarms: string[];
        forwarding: { troubles: unknown[] };
      };
      expect(health.alarms).toEqual(['bytes_changed']);
      expect(health.forwarding.troubles).toEqual([]);
      core.setFault(null);
      // The camera sends it again: its bytes take the place of those that are gone.
      expect((await postPhoto(url, bytes)).status).toBe(200);
      await until(() => journal.photo(sha256)?.state === 'verified', 60_000);
    }),
  ));

test('parts that are put and do not arrive are put again after a pause, not for ever', async () => {
  const store = addParts(core, ({ step }) =>
    // Taken, and kept nowhere.
    step === 'put' ? new Response(null, { status: 200 }) : null,
  );
  const small = (await testPhoto(1, 400, 300)).bytes;
  const { bytes, sha256 } = toPhoto(Buffer.from(enlarge(small, 9 * 1024 * 1024)));
  await withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
      await postPhoto(url, bytes);
      const tried = await until(() => journal.photo(sha256)?.last_error, 60_000);
      expect(tried).toContain('have not arrived');
      expect(store.puts().slice(0, 2)).toEqual([1, 2]);
    }),
  );
});
