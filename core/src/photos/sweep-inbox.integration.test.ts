import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { inboxKey } from '@demeter/common/object-keys';
import { sql } from 'kysely';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import {
  makePhoto,
  type SyncCore,
  startSyncCore,
  type TestPhoto,
  ulid,
} from '../edge-sync/_box.ts';
import { createMetrics } from '../http/metrics.ts';
import { sweepInbox } from './sweep-inbox.ts';

// Databases and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const DAY_MS = 86_400_000;

describe.skipIf(!database)('the inbox (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: SyncCore;
  beforeAll(async () => {
    core = await startSyncCore(database!);
  });
  afterAll(async () => await core?.stop());

  test('what nobody registered goes in the end; its box puts it again', async () => {
    const { organisationId, originals } = core;
    const box = await core.addBox('forgetful');
    const acceptedAt = new Date().toISOString();
    const [waiting, left, lost] = await Promise.all([makePhoto(), makePhoto(), makePhoto()]);
    const keyOf = ({ sha256 }: TestPhoto) => inboxKey({ organisationId, sha256 }, box.id);
    const { grant } = await box.grant(waiting!);
    await box.put(grant, waiting!.bytes);
    // Of one a crash left the bytes behind; of the other the store has lost the original since.
    for (const { bytes, sha256 } of [left!, lost!]) {
      const photo = { bytes, sha256 };
      expect((await box.send(photo, ulid(), acceptedAt)).status).toBe(201);
      const facts = { sha256, sizeBytes: bytes.length, mediaType: 'image/jpeg' };
      await originals.put(keyOf(photo), { bytes }, facts);
    }
    await sql`update photos set state = 'missing', missing_since = now(), missing_reason = 'gone'
      where sha256 = ${Buffer.from(lost!.sha256, 'hex')}`.execute(database!.db);
    const strange = `inbox/${organisationId}/no-box/${'a'.repeat(64)}`;
    const note = new TextEncoder().encode('by hand');
    const sha256 = new Bun.CryptoHasher('sha256').update(note).digest('hex');
    await originals.put(
      strange,
      { bytes: note },
      { sha256, sizeBytes: 7, mediaType: 'text/plain' },
    );

    const { values } = parseConfig({ APP_ENV: 'staging', LOG_LEVEL: 'error' });
    const metrics = createMetrics();
    const held = async () => await Array.fromAsync(originals.list(`inbox/${organisationId}/`));
    const sweepAfter = async (days: number) =>
      await sweepInbox({
        db: database!.db,
        originals,
        clock: { ...systemClock, now: () => Date.now() + days * DAY_MS },
        values,
        organisationId,
        log: createLogger('test', values),
        metrics,
        stopping: new AbortController().signal,
      });
    const all = [keyOf(waiting!), keyOf(left!), keyOf(lost!), strange].sort();
    await sweepAfter(29);
    expect(await held()).toEqual(all);
    await sweepAfter(31);
    expect(await held()).toEqual([keyOf(lost!), strange].sort());
    expect(await metrics.registry.metrics()).toContain('demeter_inbox_removed_total 2');

    const late = await box.register(waiting!, ulid(), acceptedAt);
    expect(late).toMatchObject({ status: 409, body: { code: 'PHOTO_NOT_IN_STORE' } });
    expect((await box.send(waiting!, ulid(), acceptedAt)).status).toBe(201);
  });
});
