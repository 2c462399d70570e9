import { describe, expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { newId } from '@demeter/common/ids';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { sweepUploads } from './part-uploads.ts';

const endpoint = process.env.DEMETER_TEST_VERSITYGW_ENDPOINT;
const DAY_MS = 86_400_000;

// MinIO lists pending uploads of one key only, and drops them by itself after a day.
describe.skipIf(!endpoint)('uploads in parts (needs DEMETER_TEST_VERSITYGW_ENDPOINT)', () => {
  test('what nobody has ended for a month is removed, what is younger stays', async () => {
    const originals = new S3ObjectStore({
      endpoint: endpoint!,
      publicEndpoint: endpoint!,
      bucket: `sweep-${newId()}`,
      accessKey: process.env.DEMETER_TEST_VERSITYGW_ACCESS_KEY ?? '',
      secretKey: process.env.DEMETER_TEST_VERSITYGW_SECRET_KEY ?? '',
    });
    await originals.init();
    const key = `inbox/organisation/edge/${'a'.repeat(64)}`;
    const id = await originals.parts!.begin(key, 'image/jpeg');
    const sweepAfter = async (days: number) => {
      const clock = { ...systemClock, now: () => Date.now() + days * DAY_MS };
      await sweepUploads({ originals, clock, log: { info: () => {} } });
    };
    await sweepAfter(29);
    expect(await originals.parts!.list(key, id)).toEqual([]);
    await sweepAfter(31);
    expect(await originals.parts!.list(key, id)).toBeNull();
  });
});
