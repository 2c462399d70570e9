import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { startServer, TestCore, type TestServer, temporaryFolder } from '../_testing.ts';
import type { ServerStatus } from './supervised.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(300_000);

let supervisor: TestServer | undefined;
afterEach(async () => void (await supervisor?.stop()));

test('a run that never returns ends its server, and the next one at its address counts the photo', async () => {
  const FAULTS_DIR = temporaryFolder();
  supervisor = await startServer(
    {
      FAULTS_DIR,
      MODEL_DIR: join(import.meta.dir, '../../../models'),
      DEMETER_INFERENCE_HANG_SECONDS: '5',
    },
    '_faulty-supervisor-main.ts',
  );
  const { servers } = supervisor.line as unknown as { servers: ServerStatus[] };
  const { address, metrics } = servers[0]!;
  const create = { width: 96, height: 96, channels: 3, background: '#654' } as const;
  const photo = await sharp({ create }).jpeg().toBuffer();

  writeFileSync(join(FAULTS_DIR, 'hang'), '');
  const core = new TestCore(address!);
  core.sendPhoto('hangs', photo, 'plants');
  await core.untilEnd();
  core.close();
  expect(core.answers.map(({ result }) => result).filter(Boolean)).toEqual([]);

  expect(await countAgain(address!, photo)).toMatchObject({ provider: 'cuda' });
  const shown = await (await fetch(`http://${metrics}/metrics`)).text();
  expect(shown).toMatch(/^demeter_inference_restarts [1-9]/m);
});

/** As the core does: over a stream of its own until one does not end. */
async function countAgain(address: string, photo: Uint8Array) {
  for (;;) {
    const core = new TestCore(address);
    try {
      core.sendPhoto('again', photo, 'plants');
      const { result } = await core.answerOf('again');
      if (result) return result;
    } catch {
      await Bun.sleep(100);
    } finally {
      core.close();
    }
  }
}
