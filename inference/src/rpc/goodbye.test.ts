import { expect, setDefaultTimeout, test } from 'bun:test';
import { startServer, TestCore, temporaryFolder } from '../_testing.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('a photo that crosses Drain on its way is handed back, not lost', async () => {
  const server = await startServer({ MODEL_DIR: temporaryFolder() });
  const core = new TestCore(server.line.grpc);
  await core.until((answer) => answer.credit !== undefined);
  const stopped = server.stop();
  await core.until((answer) => answer.drain !== undefined);
  core.sendPhoto('late', Buffer.from('no matter'), 'plants');
  expect((await core.answerOf('late')).hand_back).toEqual({ work_id: 'late' });
  core.close();
  expect(await stopped).toBe(0);
});

test('a core that does not end its stream does not hold the server', async () => {
  const server = await startServer({ MODEL_DIR: temporaryFolder() });
  const core = new TestCore(server.line.grpc);
  await core.until((answer) => answer.credit !== undefined);
  expect(await server.stop()).toBe(0);
  await core.untilEnd();
  core.close();
});

test('a server that stops takes no new stream', async () => {
  const server = await startServer({ MODEL_DIR: temporaryFolder() });
  const core = new TestCore(server.line.grpc);
  await core.until((answer) => answer.credit !== undefined);
  const stopped = server.stop();
  await core.until((answer) => answer.drain !== undefined);
  const late = new TestCore(server.line.grpc);
  await late.untilEnd();
  expect(late.answers).toEqual([]);
  late.close();
  core.close();
  expect(await stopped).toBe(0);
});
