import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SignJWT } from 'jose';
import { startFaultCore } from './_fault-core.ts';
import { postPhoto, spawnEdge, testPhoto, withEdge, withFolder } from './_testing.ts';
import { runCheck } from './admin/check.ts';
import { createFakeCentre } from './enrol/_fake-centre.ts';
import { enrol } from './enrol/enrol.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

async function admin(args: readonly string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'admin.ts'), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

interface Finding {
  readonly level: string;
  readonly what: string;
  readonly finding: string;
}

describe('admin.ts', () => {
  test('check says what is reachable, running and well', async () => {
    const core = await startFaultCore();
    await withFolder((folder) =>
      withEdge({ ...core.env, DEMETER_EDGE_DATA: folder }, async () => {
        const { code, out } = await admin(['check', '--json'], {
          ...core.env,
          DEMETER_EDGE_DATA: folder,
        });
        const findings = JSON.parse(out) as Finding[];
        const of = (what: string) => findings.find((finding) => finding.what === what);
        expect(of('core')).toMatchObject({ level: 'ok' });
        expect(of('edge')?.finding).toContain(String(process.pid));
        expect(of('credential')).toMatchObject({ level: 'note' });
        expect(code).toBe(0);
      }),
    );
    core.stop();
  });

  test('check says what is wrong and how to mend it, and ends with 1', async () => {
    const core = await startFaultCore();
    const ended = await new SignJWT({ org: 'o' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('edge:e')
      .setExpirationTime('1 day ago')
      .sign(new Uint8Array(32));
    await withFolder(async (folder) => {
      core.stop();
      const { code, out } = await admin(['check'], {
        DEMETER_EDGE_DATA: folder,
        DEMETER_EDGE_CORE_URL: core.url,
        DEMETER_EDGE_TOKEN: ended,
        DEMETER_EDGE_WATCH: join(folder, 'missing'),
        DEMETER_EDGE_STORE_ENDPOINT: 'http://127.0.0.1:9',
        DEMETER_EDGE_STORE_ACCESS_KEY: 'key',
        DEMETER_EDGE_STORE_SECRET_KEY: 'secret-key',
      });
      expect(code).toBe(1);
      for (const what of ['core', 'credential', 'watched folder', 'local store']) {
        expect(out).toMatch(new RegExp(`✗ +${what} `));
      }
    });
    const unknown = await admin(['check', '--json'], { DEMETER_EDGE_PROT: '1' });
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.out)).toMatchObject([{ level: 'wrong', what: 'configuration' }]);
  });

  test('check says that the centre has revoked the box, and changes nothing', () =>
    withFolder(async (folder) => {
      const centre = createFakeCentre();
      using server = Bun.serve({
        hostname: '127.0.0.1',
        port: 0,
        fetch: async (request) =>
          request.method === 'GET'
            ? Response.json({ keys: [] })
            : await centre.fetch(request.url, { method: 'POST', body: await request.text() }),
      });
      const coreUrl = `http://127.0.0.1:${server.port}`;
      await enrol({ dataFolder: folder, coreUrl, code: '7K3M9-QPTX2', transport: centre });
      const credential = async () => {
        const { findings } = await runCheck({ DEMETER_EDGE_DATA: folder });
        return findings.find(({ what }) => what === 'credential');
      };
      expect(await credential()).toMatchObject({ level: 'ok' });
      centre.fault = 'revoked';
      const revoked = await credential();
      expect(revoked).toMatchObject({ level: 'wrong' });
      expect(revoked?.finding).toStartWith('revoked: ');
      expect(revoked?.hint).toContain('demeter edge code G1');
    }));

  test('a damaged credential keeps no box from taking photos, and people are told', () =>
    withFolder(async (folder) => {
      const core = await startFaultCore();
      const path = join(folder, 'credential', 'identity.json');
      await mkdir(dirname(path));
      await writeFile(path, '{"edge_id":"01890000-00');
      const env = { DEMETER_EDGE_DATA: folder, DEMETER_EDGE_CORE_URL: core.url };
      const credential = async () => {
        const { findings } = await runCheck(env);
        return findings.find(({ what }) => what === 'credential');
      };
      const damaged = {
        level: 'wrong',
        finding: expect.stringContaining('is damaged'),
        hint: expect.stringContaining('demeter edge code'),
      };
      expect(await credential()).toMatchObject(damaged);
      // Whether or not it is said where the centre is.
      for (const more of [{}, { DEMETER_EDGE_CORE_URL: '' }]) {
        await withEdge({ ...env, ...more }, async ({ url }) => {
          const { bytes } = await testPhoto(1, 300, 200);
          expect((await postPhoto(url, bytes)).status).toBeOneOf([200, 201]);
          const health = (await (await fetch(`${url}/health`)).json()) as { alarms: string[] };
          expect(health.alarms).toEqual(['credential_spoilt']);
        });
        expect(existsSync(path)).toBe(false);
        expect(existsSync(`${path}.spoilt`)).toBe(true);
        expect(await credential()).toMatchObject(damaged);
      }
      await enrol({
        dataFolder: folder,
        coreUrl: core.url,
        code: '7K3M9-QPTX2',
        transport: createFakeCentre(),
      });
      await withEdge(env, async ({ url }) => {
        const health = (await (await fetch(`${url}/health`)).json()) as { alarms: string[] };
        expect(health.alarms).toEqual([]);
      });
      core.stop();
    }));

  test('check tells what the running edge works with from what it would begin with', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      const file = (sharpness: number, more: string) =>
        writeFile(
          path,
          `data_folder: data
cameras: [{ code: cam-1, key_sha256: ${'ab'.repeat(32)} }]
thresholds: { sharpness: ${sharpness}, ${more} }
`,
        );
      await file(20, 'dark: 25');
      const env = { DEMETER_EDGE_CONFIG: path };
      // As a service manager's unit says it and nobody's shell does.
      const ofUnit = { DEMETER_EDGE_KEEP_HOURS: '48' };
      const changed = async (more: Record<string, string> = {}) => {
        const { findings, values } = await runCheck({ ...env, ...more });
        const found = findings.find(({ finding }) => finding.startsWith('until it is restarted'));
        const others = values.filter(({ until_restart }) => until_restart !== null);
        expect(found !== undefined).toBe(others.length > 0);
        return Object.fromEntries(
          others.map(({ name, value, until_restart }) => [name, [until_restart, value]]),
        );
      };
      const edge = await spawnEdge({ ...env, ...ofUnit });
      expect(await changed()).toEqual({});
      await file(30, 'bright: 200');
      const now = {
        'thresholds.sharpness': ['20', '30'],
        'thresholds.dark': ['25', '(not set)'],
        'thresholds.bright': ['(not set)', '200'],
      };
      expect(await changed()).toEqual(now);
      expect(await changed({ DEMETER_EDGE_KEEP_HOURS: '24' })).toEqual({
        ...now,
        DEMETER_EDGE_KEEP_HOURS: ['48', '24'],
      });
      const { out } = await admin(['check'], env);
      expect(out).toMatch(/thresholds.sharpness +30 .*edge.yaml:3:.* +20/);
      expect(out).toMatch(/DEMETER_EDGE_KEEP_HOURS +48 +the edge's environment/);
      await edge.kill('SIGKILL');
      // What it noted is no running edge's any more.
      expect(await changed()).toEqual({});
    }));

  test('photos lists the journal beside a running edge', () =>
    withFolder((folder) =>
      withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        const { bytes, sha256 } = await testPhoto(1, 300, 200);
        await postPhoto(url, bytes);
        // Where the photos lie may stand in the box's file alone.
        const path = join(folder, 'edge.yaml');
        await writeFile(path, 'data_folder: .');
        const env = { DEMETER_EDGE_CONFIG: path };
        const json = JSON.parse((await admin(['photos', '--json'], env)).out);
        expect(json).toMatchObject({ photos: [{ photo_id: sha256 }], next: null });
        expect((await admin(['photos'], env)).out).toContain(sha256.slice(0, 12));
        const wrong = await admin(['photos', '--state', 'lost'], env);
        expect(wrong.code).toBe(1);
        expect(wrong.err).toContain('verified');
      }),
    ));

  test('camera makes a key whose hash the cameras file takes', async () => {
    const { key, entry } = JSON.parse((await admin(['camera', 'cam-7', '--json'])).out);
    expect(new Bun.CryptoHasher('sha256').update(key).digest('hex')).toBe(entry.key_sha256);
    expect(entry.code).toBe('cam-7');
    expect((await admin(['camera', 'a b'])).code).toBe(1);
    expect((await admin(['nonsense'])).code).toBe(2);
    const slip = await admin(['pin', '--jsn']);
    expect(slip).toMatchObject({ code: 2, out: '' });
    expect(slip.err).toContain('--jsn');
    const help = await admin(['camera', 'cam-7', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toStartWith('usage: ');
  });
});
