import { describe, expect, test } from 'bun:test';
import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent, withFolder } from '../_testing.ts';
import { readConfig } from '../config.ts';
import { noteStart, readStartRecord } from '../in-force/start-record.ts';
import { effectiveValues } from './effective.ts';

const EXAMPLE = join(import.meta.dir, '../../../deploy/edge.example.yaml');

describe('what is in force', () => {
  test('each value says where it comes from, and no secret is shown', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      await writeFile(
        path,
        `listen: { port: 8099 }
quota: { gb_max: 2 }
cameras:
  - code: cam-1
    key_sha256: ${'ab'.repeat(32)}
    timetable: { every: 1h }
    source: { snapshot: { url: 'http://10.0.0.5/snap?user=u&pwd=hidden' } }
`,
      );
      const env = {
        DEMETER_EDGE_CONFIG: path,
        DEMETER_EDGE_PORT: '8100',
        DEMETER_EDGE_STORE_ENDPOINT: 'http://me:hidden@127.0.0.1:9',
        DEMETER_EDGE_STORE_ACCESS_KEY: 'key',
        DEMETER_EDGE_STORE_SECRET_KEY: 'hidden-too',
      };
      const values = effectiveValues(readConfig(env), env);
      const of = (name: string) => values.find((value) => value.name === name);
      expect(of('DEMETER_EDGE_PORT')).toMatchObject({ value: '8100', from: 'environment' });
      expect(of('DEMETER_EDGE_BYTES_MAX')).toMatchObject({
        value: '2000000000',
        from: `${path}:2:10`,
      });
      expect(of('DEMETER_EDGE_KEEP_HOURS')).toMatchObject({ value: '72', from: 'default' });
      expect(of('DEMETER_EDGE_STORE_SECRET_KEY')?.value).toBe('(set)');
      expect(of('cameras.0.code')).toMatchObject({ value: 'cam-1', from: `${path}:4:5` });
      expect(of('cameras.0.key_sha256')?.value).toBe('(set)');
      expect(of('cameras.0.source.snapshot.url')?.value).toBe('http://10.0.0.5/snap?…');
      expect(JSON.stringify(values)).not.toMatch(/hidden|abab/);
    }));

  test("what the centre adds is named with its version, where the box's own file is silent", () =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      await writeFile(
        path,
        `cameras: [{ code: cam-1, key_sha256: ${'ab'.repeat(32)} }]
thresholds: { dark: 12 }
policies: { poor: { forward: later } }
`,
      );
      const env = { DEMETER_EDGE_CONFIG: path };
      const configuration = {
        thresholds: { dark: 20, bright: 200 },
        policies: { poor: { forward: 'hold' as const, keep_days: 3 } },
      };
      const pulled = { version: 4, configuration, onTrial: false };
      const values = effectiveValues(readConfig(env), env, { pulled });
      expect(values.filter(({ from }) => from.startsWith('centre'))).toMatchObject([
        { name: 'thresholds.bright', value: '200', from: 'centre, version 4' },
      ]);
      expect(values.find(({ name }) => name === 'thresholds.dark')?.value).toBe('12');
    }));

  test('where the running edge’s own file is silent it works with what the centre says', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      const env = { DEMETER_EDGE_CONFIG: path, DEMETER_EDGE_DATA: folder };
      const write = async (text: string) => {
        await writeFile(path, `cameras: [{ code: cam-1 }]\n${text}`);
        return readConfig(env);
      };
      noteStart(await write('thresholds: { dark: 12 }'), env, silent);
      await writeFile(join(folder, 'lock'), `${process.pid}`);
      await utimes(join(folder, 'lock'), 0, 0);
      const started = readStartRecord(folder, process.pid);
      expect(readStartRecord(folder, process.pid + 1)).toBeNull();
      const configuration = { thresholds: { dark: 20, bright: 200 } };
      const pulled = { version: 4, configuration, onTrial: false };
      const now = await write('thresholds: { bright: 210 }');
      const values = effectiveValues(now, env, { pulled, started });
      expect(values.filter(({ until_restart }) => until_restart !== null)).toMatchObject([
        { name: 'thresholds.bright', value: '210', until_restart: '200' },
        { name: 'thresholds.dark', value: '20', until_restart: '12' },
      ]);
    }));

  test('what it noted holds no secret, and one of an earlier process counts for nothing', () =>
    withFolder(async (folder) => {
      const cameras = join(folder, 'cameras.yaml');
      const named = (key: string) =>
        writeFile(cameras, `cameras: [{ code: cam-1, key_sha256: ${key.repeat(32)} }]`);
      await named('ab');
      const env = {
        DEMETER_EDGE_CAMERAS: cameras,
        DEMETER_EDGE_DATA: folder,
        DEMETER_EDGE_COUNT_TOKEN: 'hidden',
      };
      noteStart(readConfig(env), env, silent);
      const noted = join(folder, 'started.json');
      // The whole key: its first digits come up in the random fingerprints now and then.
      expect(await Bun.file(noted).text()).not.toMatch(/hidden|(ab){32}/);
      expect((await stat(noted)).mode & 0o777).toBe(0o600);
      await writeFile(join(folder, 'lock'), `${process.pid}`);
      await utimes(join(folder, 'lock'), 0, 0);
      const others = () => {
        const started = readStartRecord(folder, process.pid);
        return effectiveValues(readConfig(env), env, { started })
          .filter(({ until_restart }) => until_restart !== null)
          .map(({ name, until_restart }) => [name, until_restart]);
      };
      expect(others()).toEqual([]);
      // The file that is named says something else, and nothing that may be shown has changed.
      await named('cd');
      expect(others()).toEqual([['DEMETER_EDGE_CAMERAS', 'another one']]);
      await utimes(join(folder, 'lock'), new Date(Date.now() + 60_000), Date.now() / 1000 + 60);
      expect(others()).toEqual([]);
    }));

  test('the example that is shipped is a whole configuration', () => {
    const config = readConfig({ DEMETER_EDGE_CONFIG: EXAMPLE, DEMETER_EDGE_TOKEN: token() });
    expect(config.cameras.map(({ code }) => code)).toEqual(['bench-1', 'bench-2', 'gate']);
    expect(config.snapshots).toHaveLength(1);
    expect(config.watches.map(({ folder }) => folder)).toEqual([
      '/srv/ftp/all',
      '/srv/ftp/bench-2',
    ]);
    expect(config.tuning.policies).toMatchObject({ blurred: { forward: 'thumbnail' } });
  });
});

/** The claims of a box's credential; nobody checks its signature here. */
function token(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'EdDSA' })}.${part({ sub: 'edge:e', org: 'o' })}.x`;
}
