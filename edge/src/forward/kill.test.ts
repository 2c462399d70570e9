import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Call, startFaultCore } from '../_fault-core.ts';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  testPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

/** Kill -9 of the edge while the centre has its request: before and after the centre acts on it. */
const moments: [Call['step'], 'before' | 'after'][] = [
  ['grant', 'before'],
  ['put', 'before'],
  ['put', 'after'],
  ['register', 'before'],
  ['register', 'after'],
];

describe('kill -9 while forwarding', () => {
  test.each(moments)('at %s, %s the centre acts: sent once, counted once', (step, when) =>
    withFolder(async (folder) => {
      const core = await startFaultCore();
      const env = { ...core.env, DEMETER_EDGE_DATA: folder };
      const { bytes, sha256 } = await testPhoto(1, 800, 600);
      const first = await spawnEdge(env);
      let killed = false;
      core.setFault(async (call, request) => {
        if (call.step !== step || killed) return null;
        killed = true;
        // The centre's side of the work is done with a copy, as if the answer were lost.
        if (when === 'after') await core.act(call, request);
        await first.kill('SIGKILL');
        return new Response(null, { status: 500 });
      });
      expect((await postPhoto(first.url, bytes)).status).toBe(201);
      expect(await first.exited).toBe(137);
      expect(killed).toBe(true);
      // The next start is in this process, which takes less time.
      await withEdge(env, async ({ url }) => {
        await until(async () => (await getPhoto(url, sha256)).state === 'verified', 60_000);
        expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
        expect(core.registered.get(sha256)?.size).toBe(1);
      });
      core.stop();
    }),
  );
});
