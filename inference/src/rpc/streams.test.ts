import { expect, setDefaultTimeout, test } from 'bun:test';
import { decodeErrorDetails, ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import type { ServiceError } from '@grpc/grpc-js';
import { startServer, TestCore, temporaryFolder } from '../_testing.ts';

// A server starts slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('more streams than photos can be held for are refused, until one ends', async () => {
  const server = await startServer({ MODEL_DIR: temporaryFolder() });
  const cores = [1, 2, 3, 4].map(() => new TestCore(server.line.grpc));
  for (const core of cores) await core.until((answer) => answer.hello !== undefined);
  const late = new TestCore(server.line.grpc);
  await late.untilEnd();
  expect(late.error).toMatchObject({ code: 8, details: expect.stringContaining('TOO_MANY_') });
  const [bytes] = (late.error as ServiceError).metadata.get(ERROR_DETAILS_KEY);
  expect(decodeErrorDetails(bytes as Buffer)?.retryAfterMs).toBe(5_000);
  late.close();
  cores[0]?.close();
  let next: TestCore;
  do {
    next = new TestCore(server.line.grpc);
    await next.until((answer) => answer.hello !== undefined).catch(() => next.close());
  } while (next.ended);
  for (const core of [...cores.slice(1), next]) core.close();
  expect(await server.stop()).toBe(0);
});
