import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { realServers } from './system/environment.ts';
import { drawPhoto } from './system/photos.ts';
import { type PartName, RealSystem } from './system/real-system.ts';

const servers = realServers();
/** Every part drains within 30 s of SIGTERM. */
const DRAIN_S = 30;

setDefaultTimeout(240_000);

describe.skipIf(!servers)(
  'draining (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT)',
  () => {
    let system: RealSystem;
    const places = Array.from({ length: 6 }, (_, index) => `DRAIN-${index}`);

    beforeAll(async () => {
      system = new RealSystem(servers!);
      await system.start(places);
    });
    afterAll(async () => await system?.stop());

    test.each(['server-1', 'edge', 'core'] as const)(
      'SIGTERM under load ends %s with 0, and what it held is counted by the next one',
      async (part: PartName) => {
        const index = ['server-1', 'edge', 'core'].indexOf(part) * 2;
        const hashes = [0, 1].map(async (offset) =>
          system.send(await drawPhoto(100 + index + offset), places[index + offset]!),
        );
        const sent = await Promise.all(hashes);
        const { code, seconds } = await system.terminate(part);
        expect({ part, code }).toEqual({ part, code: 0 });
        expect(seconds).toBeLessThan(DRAIN_S);
        await system.launch(part);
        for (const hash of sent) {
          await system.until(`${hash} is counted`, async () => {
            const { session } = await system.get<{ session: { state: string } }>(`/photos/${hash}`);
            return session.state === 'completed';
          });
        }
      },
    );
  },
);
