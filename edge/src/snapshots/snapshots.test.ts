import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { rejection } from '@demeter/common/testing';
import fc from 'fast-check';
import { silent, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import type { Intake } from '../buffer/intake.ts';
import { ANONYMOUS_CAMERA } from '../cameras.ts';
import { Tuning } from '../tuning.ts';
import { answerChallenge } from './digest.ts';
import { type Taken, takeHttpSnapshot } from './http-snapshot.ts';
import { intervalMs, nextShot } from './next-shot.ts';
import { takeRtspSnapshot } from './rtsp-snapshot.ts';
import { SnapshotCamera } from './snapshot-camera.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const { bytes: jpeg } = await testPhoto(1, 320, 240);

describe('the next shot', () => {
  const next = (timetable: Omit<Parameters<typeof nextShot>[0], 'time_zone'>, after: string) => {
    const at = nextShot({ time_zone: 'Europe/Berlin', ...timetable }, Date.parse(after));
    return at === null ? null : new Date(at).toISOString();
  };

  test('is counted from midnight of the zone', () => {
    expect(next({ every: '15m' }, '2026-05-01T08:00:00Z')).toBe('2026-05-01T08:15:00.000Z');
    expect(next({ every: '7h' }, '2026-05-01T12:00:00.5Z')).toBe('2026-05-01T19:00:00.000Z');
    // 21:00 is the last before midnight, which is 22:00 UTC in summer.
    expect(next({ every: '7h' }, '2026-05-01T19:00:00Z')).toBe('2026-05-01T22:00:00.000Z');
    expect(next({ every: '30s' }, '2026-05-01T08:00:29.999Z')).toBe('2026-05-01T08:00:30.000Z');
  });

  test('lies in its hours and on its days', () => {
    const hours = [{ days: ['mon' as const, 'fri' as const], from: '06:00', to: '08:00' }];
    // A Friday.
    expect(next({ every: '1h', hours }, '2026-05-01T03:10:00Z')).toBe('2026-05-01T04:00:00.000Z');
    expect(next({ every: '1h', hours }, '2026-05-01T05:00:00Z')).toBe('2026-05-04T04:00:00.000Z');
    expect(next({ every: '1s', hours }, '2026-05-01T06:00:00Z')).toBe('2026-05-04T04:00:00.000Z');
    const never = [{ from: '06:01', to: '06:02' }];
    expect(next({ every: '2h', hours: never }, '2026-05-01T06:00:00Z')).toBeNull();
  });

  test('always comes later, within the interval and the change of a clock', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe'];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') }),
        fc.constantFrom('1s', '7s', '45s', '10m', '90m', '5h', '24h'),
        fc.constantFrom(...zones),
        (after, every, time_zone) => {
          const at = nextShot({ every, time_zone }, after) as number;
          expect(at).toBeGreaterThan(after);
          expect(at - after).toBeLessThanOrEqual(intervalMs({ every }) + 3_600_000);
        },
      ),
    );
  });
});

describe('the login that a camera asks for', () => {
  // RFC 7616, section 3.9.1.
  const login = { user: 'Mufasa', password: 'Circle of Life' };
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const asked = { method: 'GET', uri: '/dir/index.html', cnonce };
  const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
  const digest = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    `nonce="${nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

  test('is answered as the examples of its standard are', () => {
    expect(answerChallenge(digest('MD5'), login, asked)).toContain(
      'response="8ca523f5e9506fed4657c9700eebdbec"',
    );
    const both = `${digest('MD5')}, ${digest('SHA-256')}`;
    const sha256 = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
    expect(answerChallenge(both, login, asked)).toContain(`response="${sha256}"`);
    expect(answerChallenge('Basic realm="x"', login, asked)).toBe(
      `Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`,
    );
    expect(answerChallenge('Negotiate', login, asked)).toBeNull();
  });
});

describe('a camera that is asked', () => {
  const image = () =>
    new Response(new Uint8Array(jpeg), { headers: { 'content-type': 'image/jpeg' } });
  const challenge = (header: string) =>
    new Response('who?', { status: 401, headers: { 'www-authenticate': header } });
  const hanging = new AbortController();
  const hungUp = Promise.withResolvers<void>();
  const camera = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const login = request.headers.get('authorization') ?? '';
      const answers: Record<string, () => Response | Promise<Response>> = {
        '/open': image,
        '/basic': () =>
          login === `Basic ${btoa('u:s3cret')}` ? image() : challenge('Basic realm="c"'),
        '/digest': () =>
          login.startsWith('Digest username="u"') && login.includes('qop=auth')
            ? image()
            : challenge('Digest realm="c", nonce="n", qop="auth"'),
        '/key': () => (request.headers.get('x-key') === 's3cret' ? image() : challenge('Basic')),
        '/near': () => Response.redirect('/open', 302),
        '/far': () => Response.redirect('http://127.0.0.1:1/open', 302),
        '/round': () => Response.redirect('/round', 302),
        '/page': () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
        '/stream': () =>
          new Response('--x', { headers: { 'content-type': 'multipart/x-mixed-replace' } }),
        '/broken': () => new Response('no', { status: 500 }),
        '/endless': () =>
          new Response(
            new ReadableStream({
              pull: async (stream) => {
                await Bun.sleep(5);
                stream.enqueue(new Uint8Array(1024));
              },
              cancel: () => hungUp.resolve(),
            }),
            { headers: { 'content-type': 'image/jpeg' } },
          ),
        '/hangs': () =>
          new Promise<Response>((resolve) => {
            hanging.signal.addEventListener('abort', () => resolve(new Response('')));
          }),
      };
      return (await answers[pathname]?.()) ?? new Response('', { status: 404 });
    },
  });
  const base = `http://127.0.0.1:${camera.port}`;
  afterAll(async () => {
    hanging.abort();
    await camera.stop(true);
  });

  const read = async ({ chunks }: Taken) => {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return Buffer.concat(parts);
  };
  const never = new AbortController().signal;

  test('gives its photo to who may have it', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'secret');
      await writeFile(file, 's3cret\n');
      const login = { user: 'u', password: { file } };
      const header = { name: 'x-key', file };
      for (const snapshot of [
        { url: `${base}/open` },
        { url: `${base}/near` },
        { url: `${base}/basic`, ...login },
        { url: `${base}/digest`, ...login },
        { url: `${base}/key`, header },
      ]) {
        const taken = await takeHttpSnapshot(snapshot, never);
        expect((await read(taken)).equals(jpeg)).toBe(true);
      }
    }));

  test.each([
    ['/far', 'leads to another address'],
    ['/round', 'round in a circle'],
    ['/page', 'sent text/html, no photo'],
    ['/stream', 'of a stream'],
    ['/broken', 'answered 500'],
    ['/basic', 'refuses user and password'],
    ['/missing', 'answered 404'],
  ])('says what is wrong with %s', async (path, said) => {
    const error = await rejection(takeHttpSnapshot({ url: base + path }, never));
    expect(String(error)).toContain(said);
  });

  test('is asked without the proxy that leads out to the centre', async () => {
    const before = process.env.HTTP_PROXY;
    // Nobody is there.
    process.env.HTTP_PROXY = 'http://127.0.0.1:1';
    try {
      const taken = await takeHttpSnapshot({ url: `${base}/open` }, never);
      expect((await read(taken)).equals(jpeg)).toBe(true);
    } finally {
      if (before === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = before;
    }
  });

  test('that hangs is given up, one without its secret is not asked', async () => {
    const late = AbortSignal.timeout(50);
    const hangs = await rejection(takeHttpSnapshot({ url: `${base}/hangs` }, late));
    expect(String(hangs)).toContain('did not answer in time');
    const password = { environment: 'DEMETER_TEST_NO_SUCH_SECRET' };
    const unset = takeHttpSnapshot({ url: `${base}/basic`, user: 'u', password }, never);
    expect(String(await rejection(unset))).toContain('DEMETER_TEST_NO_SUCH_SECRET is not set');
  });

  test('and for whose photo there is no room is hung up on at once', async () => {
    let now = Date.parse('2026-06-01');
    const stop = new AbortController();
    // Held, so that nothing but the camera's own end hangs up.
    const taken: unknown[] = [];
    const full = async (chunks: unknown) => {
      taken.push(chunks);
      throw new AppError('STORAGE_FULL', 'full');
    };
    const asking = new SnapshotCamera({
      camera: { ...ANONYMOUS_CAMERA, code: 'c' },
      snapshot: { url: `${base}/endless`, timeout_seconds: 300 },
      intake: { accept: full } as unknown as Intake,
      tuning: new Tuning({ cameras: { c: { timetable: { every: '1m' } } } }),
      clock: {
        now: () => now,
        monotonic: () => now,
        sleep: async (ms) => {
          now += ms;
          await Bun.sleep(1);
        },
      },
      random: () => 0,
      log: silent,
      bytesMax: 1e6,
      onShot: () => {},
    });
    const ended = asking.run(stop.signal);
    await hungUp.promise;
    expect(asking.report.trouble).toBe('full');
    stop.abort();
    await ended;
  });

  test('over RTSP is asked by ffmpeg, where there is one', () =>
    withFolder(async (folder) => {
      const program = join(folder, 'ffmpeg');
      await writeFile(join(folder, 'frame.jpg'), jpeg);
      await writeFile(
        program,
        `#!/bin/sh\ncase "$*" in *rtsp://u:p%40ss@*) cat ${folder}/frame.jpg;; *) exit 1;; esac\n`,
      );
      await chmod(program, 0o700);
      await writeFile(join(folder, 'secret'), 'p@ss');
      const snapshot = { url: 'rtsp://10.0.0.5/main', user: 'u' };
      const password = { file: join(folder, 'secret') };
      const taken = takeRtspSnapshot({ ...snapshot, password }, never, program);
      expect((await read(taken)).equals(jpeg)).toBe(true);
      const refused = takeRtspSnapshot({ url: snapshot.url }, never, program);
      expect(String(await rejection(read(refused)))).toContain('got no picture');
      expect(() => takeRtspSnapshot(snapshot, never, null)).toThrow('not installed');
    }));

  test('becomes photos of the box by its timetable; one that hangs holds up nobody', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      const entry = (code: string, to: string) =>
        `  - code: ${code}\n    timetable: { every: 1s }\n    source: { snapshot: { url: '${base}${to}', timeout_seconds: 300 } }\n`;
      await writeFile(
        path,
        `data_folder: data\ncameras:\n${entry('hangs', '/hangs')}${entry('page', '/page')}${entry('works', '/open')}`,
      );
      await withEdge({ DEMETER_EDGE_CONFIG: path }, async ({ url, journal }) => {
        const seen = () => journal.all<{ camera: string }>('SELECT camera FROM sightings');
        const metrics = async () => await (await fetch(`${url}/metrics`)).text();
        await until(() => seen().length >= 2, 60_000);
        await until(
          async () => (await metrics()).includes('shots_total{camera="page",result="missed"}'),
          60_000,
        );
        expect(new Set(seen().map(({ camera }) => camera))).toEqual(new Set(['works']));
        expect(await metrics()).not.toContain('camera="hangs"');
      });
    }));
});
