import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FaultCore, problem, startFaultCore } from '../_fault-core.ts';
import { getPhoto, postPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import { addReconciliation } from '../reconcile/_centre.ts';
import { requestReconciliation } from '../reconcile/request.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

let core: FaultCore;
beforeEach(async () => {
  core = await startFaultCore();
});
afterEach(() => core.stop());

const PORTAL = '<html><body>Welcome! Please accept our terms.</body></html>';
const portal = () => new Response(PORTAL, { headers: { 'content-type': 'text/html' } });

/** An edge with one photo accepted; `use` gets a way to wait for the photo's state. */
async function sending(
  use: (context: {
    readonly url: string;
    readonly folder: string;
    readonly sha256: string;
    readonly bytes: Buffer;
    readonly state: (wanted: string, timeoutMs?: number) => Promise<Record<string, unknown>>;
  }) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  await withFolder((folder) =>
    withEdge({ ...core.env, DEMETER_EDGE_DATA: folder, ...env }, async ({ url }) => {
      const { bytes, sha256 } = await testPhoto(1);
      expect((await postPhoto(url, bytes)).status).toBe(201);
      const state = async (wanted: string, timeoutMs = 60_000) => {
        let last: Record<string, unknown> = {};
        return await until(
          async () => {
            last = await getPhoto(url, sha256);
            return last.state === wanted ? last : null;
          },
          timeoutMs,
          () => JSON.stringify(last),
        );
      };
      await use({ url, folder, sha256, bytes, state });
    }),
  );
}

const steps = () => core.calls.map(({ step }) => step);

const forwarding = async (url: string) => {
  const health = (await (await fetch(`${url}/health`)).json()) as {
    forwarding: { troubles: { code: string }[]; clock: string | null };
  };
  return health.forwarding;
};
const troubles = async (url: string) => (await forwarding(url)).troubles.map(({ code }) => code);

describe('the forwarder', () => {
  test('puts, registers and keeps the receipt', () =>
    sending(async ({ state, sha256, bytes }) => {
      const photo = await state('verified');
      expect(photo.receipt).toBeString();
      expect(photo.verified_at).toBeString();
      expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
      expect(steps()).toEqual(['grant', 'put', 'register']);
      const registration = core.calls[2]?.body;
      expect(registration).toMatchObject({
        sha256,
        size_bytes: bytes.length,
        media_type: 'image/jpeg',
        sighting: { camera: 'default', captured_at: null, captured_at_source: 'none' },
        verdict: { result: 'good', reasons: [], near_duplicate_of: null },
      });
    }));

  test('registers a second sighting without putting again', () =>
    sending(async ({ state, url, bytes, sha256 }) => {
      await state('verified');
      const again = await postPhoto(url, bytes);
      expect(again).toMatchObject({ status: 200, body: { state: 'verified', new: false } });
      await until(() => core.registered.get(sha256)?.size === 2);
      expect(steps()).toEqual(['grant', 'put', 'register', 'register']);
    }));

  test('a photo judged again after its last sighting was registered comes to rest', () =>
    withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url, journal }) => {
        const { bytes, sha256 } = await testPhoto(1);
        await postPhoto(url, bytes);
        const verified = () => until(() => journal.photo(sha256)?.state === 'verified');
        await verified();
        journal.update(sha256, { state: 'judged' });
        await postPhoto(url, (await testPhoto(2)).bytes);
        await verified();
        expect(core.registered.get(sha256)?.size).toBe(1);
      }),
    ));

  test('takes a 412 as stored and lets registration compare', () => {
    core.setFault(({ step }) => (step === 'put' ? new Response(null, { status: 412 }) : null));
    return sending(async ({ state, sha256, bytes }) => {
      core.objects.set(sha256, bytes);
      await state('verified');
    });
  });

  test('a captive portal never counts as the core or its store', () => {
    core.setFault(portal);
    return sending(async ({ state, url, sha256 }) => {
      await until(async () => (await getPhoto(url, sha256)).last_error);
      expect(await troubles(url)).toEqual(['captive_portal']);
      core.setFault(({ step }) => (step === 'put' ? portal() : null));
      await until(() => steps().includes('put'));
      await Bun.sleep(300);
      expect((await getPhoto(url, sha256)).state).not.toBe('stored');
      core.setFault(({ step }) => (step === 'register' || step === 'keys' ? portal() : null));
      await until(() => steps().includes('register'), 60_000);
      await Bun.sleep(300);
      expect(await getPhoto(url, sha256)).toMatchObject({ state: 'stored', receipt: null });
      core.setFault(null);
      await state('verified', 60_000);
    });
  });

  test.each([
    ['all that is asked', []],
    ['all but its keys', ['keys']],
  ])('JSON that looks like the core’s, for %s, is not the core', (_name, honest: string[]) => {
    const lies = { photo_id: 'x', state: 'stored', receipt: 'e30.e30.e30', keys: [] };
    core.setFault(({ step }) => (honest.includes(step) ? null : Response.json(lies)));
    return sending(async ({ state, url, sha256 }) => {
      await until(async () => (await getPhoto(url, sha256)).last_error, 40_000);
      expect(await troubles(url)).toEqual(['wrong_answer']);
      expect(await getPhoto(url, sha256)).toMatchObject({ receipt: null });
      core.setFault(null);
      await state('verified', 40_000);
    });
  });

  test.each([
    ['another photo', { sha256: '0'.repeat(64) }],
    ['another size', { size_bytes: 1 }],
    ['another organisation', { organisation_id: '01890000-0000-7000-8000-0000000000ff' }],
  ])('a receipt for %s does not verify', async (_name, changes) => {
    core.setFault(async ({ step, sha256 }) =>
      step === 'register'
        ? Response.json({
            photo_id: sha256,
            state: 'queued',
            receipt: await core.receipt(sha256, changes),
          })
        : null,
    );
    await sending(async ({ url, sha256 }) => {
      const photo = await until(async () => {
        const found = await getPhoto(url, sha256);
        return found.last_error ? found : null;
      });
      expect(photo).toMatchObject({ state: 'stored', receipt: null });
      expect(photo.last_error).toContain('receipt');
    });
  });

  test('a receipt signed by a stranger does not verify, the true one later does', () => {
    core.setFault(async ({ step, sha256 }) =>
      step === 'register'
        ? Response.json({
            photo_id: sha256,
            state: 'queued',
            receipt: await core.receipt(sha256, {}, core.strangersKey),
          })
        : null,
    );
    return sending(async ({ url, sha256, state }) => {
      await until(async () => (await getPhoto(url, sha256)).last_error);
      expect((await getPhoto(url, sha256)).state).toBe('stored');
      core.setFault(null);
      await state('verified');
    });
  });

  test('puts again when the object is gone before registration', () => {
    let lost = false;
    core.setFault(({ step, sha256 }) => {
      if (step === 'register' && !lost) {
        lost = true;
        core.objects.delete(sha256);
      }
      return null;
    });
    return sending(async ({ state }) => {
      await state('verified');
      expect(steps().filter((step) => step === 'put')).toHaveLength(2);
    });
  });

  test('sends again after bytes were spoilt on the way', () => {
    let spoilt = false;
    core.setFault(({ step }) => {
      if (step !== 'put' || spoilt) return null;
      spoilt = true;
      return new Response('<Error><Code>BadDigest</Code></Error>', { status: 400 });
    });
    return sending(async ({ state }) => {
      await state('verified');
      expect(steps().filter((step) => step === 'put')).toHaveLength(2);
    });
  });

  test('a photo whose bytes changed on this box is quarantined, alarmed and kept', async () => {
    let spoil = async () => {};
    core.setFault(async ({ step }) => {
      if (step === 'grant') await spoil();
      return null;
    });
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        const { bytes, sha256 } = await testPhoto(1);
        const path = join(folder, 'spool', sha256.slice(0, 2), sha256);
        spoil = async () => {
          const changed = Buffer.from(bytes);
          changed[1000] = (changed[1000] ?? 0) ^ 1;
          await writeFile(path, changed);
        };
        await postPhoto(url, bytes);
        const photo = await until(async () => {
          const found = await getPhoto(url, sha256);
          return found.parked ? found : null;
        });
        expect(photo).toMatchObject({ parked: 'BYTES_CHANGED', receipt: null });
        expect(photo.quarantined).toBeString();
        expect(await Bun.file(path).exists()).toBe(true);
        const health = await (await fetch(`${url}/health`)).json();
        expect(health).toMatchObject({ status: 'degraded', alarms: ['bytes_changed'] });
        // The camera still has it: sent once more, it heals.
        spoil = async () => {};
        expect(await postPhoto(url, bytes)).toMatchObject({ status: 200, body: { new: false } });
        const healed = await until(async () => {
          const found = await getPhoto(url, sha256);
          return found.state === 'verified' ? found : null;
        });
        expect(healed).toMatchObject({ quarantined: null, parked: null });
        expect(core.objects.get(sha256)?.equals(bytes)).toBe(true);
      }),
    );
  });

  test('parks what the core refuses for good, visibly, and sends the others', () => {
    core.setFault(({ step, sha256 }) =>
      step === 'grant' && sha256 === core.calls[0]?.sha256 ? problem('TOO_MANY_PIXELS', 413) : null,
    );
    return sending(async ({ url, sha256 }) => {
      const photo = await until(async () => {
        const found = await getPhoto(url, sha256);
        return found.parked ? found : null;
      });
      expect(photo).toMatchObject({ state: 'queued', parked: 'TOO_MANY_PIXELS' });
      const wait = Date.parse(String(photo.next_try_at)) - Date.now();
      expect(wait).toBeGreaterThan(10 * 60_000);
      const other = await testPhoto(2);
      await postPhoto(url, other.bytes);
      await until(async () => (await getPhoto(url, other.sha256)).state === 'verified');
      expect(core.calls.filter((call) => call.sha256 === sha256)).toHaveLength(1);
    });
  });

  test('another place than the stored one: registers without it and says so', () => {
    core.setFault(({ step, body }) =>
      step === 'register' && (body as { place: unknown }).place !== null
        ? problem('LOCATION_CONFLICT', 409)
        : null,
    );
    return withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        const { bytes, sha256 } = await testPhoto(1);
        await postPhoto(url, bytes, { 'x-location-code': 'A1-03' });
        const photo = await until(async () => {
          const found = await getPhoto(url, sha256);
          return found.state === 'verified' ? found : null;
        });
        expect(photo.sightings).toMatchObject([
          { location_code: 'A1-03', refused: 'LOCATION_CONFLICT' },
        ]);
      }),
    );
  });

  test('goes on accepting while the core is away, and sends soon after it is back', async () => {
    const { port, url: coreUrl, token, keys } = core;
    core.stop();
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        const photos = await Promise.all(
          [1, 2, 3, 4, 5, 6].map((seed) => testPhoto(seed, 400, 300)),
        );
        for (const { bytes } of photos) expect((await postPhoto(url, bytes)).status).toBe(201);
        const health = await until(async () => {
          const found = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
          return found.status === 'degraded' ? found : null;
        });
        expect(health.core).toContain('cannot be reached');
        // The same address, token and keys: as far as the edge knows, the core is back.
        core = await startFaultCore(port, keys);
        expect(core.url).toBe(coreUrl);
        core.setFault(null);
        core.accept(token);
        await until(() => core.registered.size === photos.length, 60_000);
      }),
    );
  });

  test('leaves a core that answers 503 alone for as long as it asks', () => {
    let asked = 0;
    let third = 0;
    core.setFault(({ step }) => {
      if (step === 'grant' && ++asked === 3) third = performance.now();
      return step === 'grant' && asked <= 3
        ? problem('DATABASE_UNAVAILABLE', 503, { 'retry-after': '3' })
        : null;
    });
    return sending(async ({ state }) => {
      await state('verified', 60_000);
      expect(performance.now() - third).toBeGreaterThan(2_500);
    });
  });

  test("says that its clock is wrong, by the centre's answers, and sends all the same", () => {
    const later = () => {
      const date = new Date(Date.now() + 7_200_000).toUTCString();
      return problem('DATABASE_UNAVAILABLE', 503, { date });
    };
    core.setFault(later);
    core.setRoutes(async () => later());
    return sending(async ({ url, state }) => {
      await until(async () => (await forwarding(url)).clock?.includes('2 hours behind'));
      core.setFault(null);
      core.setRoutes(async () => null);
      await state('verified');
    });
  });

  test('a refused credential is said, and the photos wait', () => {
    core.setFault(({ step }) => (step === 'grant' ? problem('UNAUTHENTICATED', 401) : null));
    return sending(async ({ url, sha256, state }) => {
      await until(async () => (await getPhoto(url, sha256)).last_error);
      expect(await getPhoto(url, sha256)).toMatchObject({ state: 'queued', parked: null });
      const health = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
      expect(health.core).toContain('credential');
      expect(await troubles(url)).toEqual(['credential_refused']);
      core.setFault(null);
      await state('verified', 60_000);
    });
  });

  test('evicts only what the centre has confirmed', () =>
    sending(
      async ({ state, sha256, folder, url, bytes }) => {
        await state('verified', 60_000);
        addReconciliation(core);
        requestReconciliation(folder);
        await state('evicted', 60_000);
        const path = join(folder, 'spool', sha256.slice(0, 2), sha256);
        expect(await Bun.file(path).exists()).toBe(false);
        // Sent again after that, the bytes are kept again until the centre has confirmed them again.
        core.setFault(({ step }) =>
          step === 'grant' ? problem('DATABASE_UNAVAILABLE', 503) : null,
        );
        expect(await postPhoto(url, bytes)).toMatchObject({ status: 200, body: { new: false } });
        expect(await Bun.file(path).exists()).toBe(true);
        await Bun.sleep(6_000);
        expect(await Bun.file(path).exists()).toBe(true);
        core.setFault(null);
        await until(() => core.registered.get(sha256)?.size === 2, 60_000);
      },
      { DEMETER_EDGE_KEEP_HOURS: '0' },
    ));
});
