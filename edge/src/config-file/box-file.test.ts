import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { withFolder } from '../_testing.ts';
import { DEFAULT_THRESHOLDS } from '../cameras.ts';
import { type EdgeConfig, readConfig } from '../config.ts';
import { Tuning } from '../tuning.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const key_sha256 = 'ab'.repeat(32);

/** The configuration that a file and an environment make, or the error's code and text. */
async function read(
  content: string,
  env: Record<string, string> = {},
  setting = 'DEMETER_EDGE_CONFIG',
): Promise<EdgeConfig | string> {
  return await withFolder(async (folder) => {
    const path = join(folder, 'edge.yaml');
    await writeFile(path, content);
    try {
      return readConfig({ [setting]: path, ...env });
    } catch (error) {
      if (error instanceof AppError) {
        return `${error.code} ${error.message.replaceAll(folder, '')}`;
      }
      throw error;
    }
  });
}

async function taken(content: string, env?: Record<string, string>): Promise<EdgeConfig> {
  const config = await read(content, env);
  if (typeof config === 'string') throw new Error(config);
  return config;
}

const CAMERAS = `cameras:
  - code: cam-1
    key_sha256: ${key_sha256}
    thresholds: { dark: 10 }
  - code: cam-2
    timetable: { every: 15m, time_zone: Europe/Berlin }
    source:
      snapshot: { url: 'http://10.0.0.5/snap.jpg', user: u, password: { file: cam-2.secret } }
`;

describe('the file of a box', () => {
  test('gives settings, cameras, folders and what may be tuned', async () => {
    const config = await taken(`
data_folder: data
listen: { port: 8099 }
quota: { gb_max: 1.5, keep_hours: 10 }
thresholds: { sharpness: 9 }
policies: { blurred: { forward: thumbnail, keep_days: 30 } }
forwarding: { mbit_per_second_max: 1 }
${CAMERAS}watch:
  - folder: inbox
    camera: cam-1
    subfolders: [{ pattern: 'left/**', camera: cam-2 }]
    accepted: { keep_days: 2 }
`);
    const folder = config.file?.path.replace('/edge.yaml', '');
    expect(config.dataFolder).toBe(`${folder}/data`);
    expect(config.values).toMatchObject({
      DEMETER_EDGE_PORT: 8099,
      DEMETER_EDGE_BYTES_MAX: 1_500_000_000,
      DEMETER_EDGE_KEEP_HOURS: 10,
    });
    expect(config.cameras.map(({ code, keySha256 }) => [code, keySha256?.length])).toEqual([
      ['cam-1', 32],
      ['cam-2', undefined],
    ]);
    expect(config.watches).toMatchObject([
      {
        folder: `${folder}/inbox`,
        camera: { code: 'cam-1' },
        subfolders: [
          { pattern: 'left/**', camera: { code: 'cam-2' } },
          { pattern: 'cam-1', camera: { code: 'cam-1' } },
          { pattern: 'cam-1/**', camera: { code: 'cam-1' } },
          { pattern: 'cam-2', camera: { code: 'cam-2' } },
          { pattern: 'cam-2/**', camera: { code: 'cam-2' } },
        ],
        accepted: { keepMs: 2 * 86_400_000, bytesMax: 2_000_000_000 },
      },
    ]);
    expect(config.snapshots).toMatchObject([
      { camera: { code: 'cam-2' }, snapshot: { password: { file: `${folder}/cam-2.secret` } } },
    ]);
    const tuning = new Tuning(config.tuning);
    expect(tuning.thresholdsOf('cam-1')).toEqual({
      ...DEFAULT_THRESHOLDS,
      sharpness: 9,
      dark: 10,
    });
    expect(tuning.timetableOf('cam-2')).toMatchObject({ time_zone: 'Europe/Berlin' });
    expect(tuning.policies).toMatchObject({
      blurred: { forward: 'thumbnail', keep_days: 30 },
      poor: { forward: 'later' },
    });
  });

  test('stands under the environment, an empty variable under the file', async () => {
    const config = await taken(`listen: { host: '::1', port: 8099 }\n${CAMERAS}`, {
      DEMETER_EDGE_PORT: '8100',
      DEMETER_EDGE_HOST: '',
    });
    expect(config.values).toMatchObject({ DEMETER_EDGE_PORT: 8100, DEMETER_EDGE_HOST: '::1' });
  });

  test('an empty one says nothing; a JSON file of cameras is still read', async () => {
    expect((await taken('')).cameras).toMatchObject([{ code: 'default' }]);
    const json = JSON.stringify({ cameras: [{ code: 'a', key_sha256 }] });
    const config = await read(json, {}, 'DEMETER_EDGE_CAMERAS');
    expect(config).toMatchObject({ cameras: [{ code: 'a', name: 'a' }] });
  });

  test.each([
    ['no YAML', 'box: [', ':1:7: '],
    ['another root', '- 1', '/edge.yaml:1:1: '],
    [
      'a slip of a key',
      'listen: { prt: 1 }',
      ':1:11: listen.prt: is no key here: did you mean port?',
    ],
    ['a key twice', 'time_zone: UTC\ntime_zone: UTC', ':2:1: Map keys must be unique'],
    [
      'a key in the open',
      `cameras:\n  - code: a\n    key: secret`,
      ':3:5: cameras.0.key: is no key here: did you mean key_sha256?',
    ],
    [
      'a hash that is none',
      'cameras:\n  - code: a\n    key_sha256: xyz',
      ':3:5: cameras.0.key_sha256: must be the SHA-256',
    ],
    [
      'a code twice',
      'cameras:\n  - code: a\n  - code: a',
      ':3:5: cameras.1.code: a stands here twice',
    ],
    [
      'a place with a control character in it',
      'cameras: [{ code: a, location_code: "A1\\0" }]',
      'cameras.0.location_code: must be a place',
    ],
    [
      'a place that no id can be',
      'cameras: [{ code: a, location_id: A1 }]',
      "cameras.0.location_id: must be a place's id at the centre",
    ],
    [
      'a place twice',
      'cameras: [{ code: a, location_code: A1, location_id: 01890000-0000-7000-8000-0000000000a1 }]',
      'cameras.0.location_id: stands beside location_code',
    ],
    [
      'an impossible position',
      'cameras: [{ code: a, position: { longitude: 1, latitude: 99 } }]',
      'cameras.0.position.latitude: must be degrees',
    ],
    [
      'a zone that is none',
      'time_zone: Europe/Berlim',
      ':1:1: time_zone: must be a time zone as Europe/Berlin',
    ],
    [
      'what cannot be decoded held back',
      'policies: { undecodable: { forward: hold } }',
      'policies.undecodable.forward: must be one of now, later',
    ],
    [
      'a snapshot without a timetable',
      "cameras:\n  - code: a\n    source: { snapshot: { url: 'http://x/' } }",
      ':3:15: cameras.0.source.snapshot: needs a timetable',
    ],
    [
      'a password in the address',
      "cameras: [{ code: a, timetable: { every: 1m }, source: { snapshot: { url: 'http://u:p@x/' } } }]",
      'cameras.0.source.snapshot.url: must be an http(s)',
    ],
    [
      'a folder of a camera that is not there',
      'cameras: [{ code: bench-1 }]\nwatch:\n  - folder: a\n    camera: bench1',
      ':4:5: watch.0.camera: bench1 is no camera of this file: did you mean bench-1?',
    ],
    ['too many aliases', `a: &a [${'1,'.repeat(9)}1]\n${bomb()}`, 'alias'],
  ])('refuses %s, with line and reason', async (_name, content, said) => {
    const answer = await read(content);
    expect(answer).toStartWith('INVALID_SETTING');
    expect(answer).toContain(said);
  });

  test.each([
    ['http://127.0.0.1:9000', false],
    ['http://[::1]:9000', false],
    ['http://localhost:9000', false],
    ['https://store.example', false],
    ['http://192.168.1.20:9000', true],
    ['http://minio:9000', true],
  ])('says of a local store at %s whether others reach it: %p', async (endpoint, isExposed) => {
    const keys = { DEMETER_EDGE_STORE_ACCESS_KEY: 'a', DEMETER_EDGE_STORE_SECRET_KEY: 's' };
    const { notes } = await taken('', { DEMETER_EDGE_STORE_ENDPOINT: endpoint, ...keys });
    expect(notes.some((note) => note.includes('is not on loopback'))).toBe(isExposed);
  });

  test('refuses watched folders within each other, and around or within its own photos', async () => {
    const watch = (...folders: string[]) =>
      `data_folder: data\nwatch: [${folders.map((folder) => `{ folder: ${folder} }`).join(', ')}]`;
    for (const folders of [
      ['/'],
      ['.'],
      ['data'],
      ['data/spool/aa'],
      ['in', 'in/a'],
      ['in', './in'],
    ]) {
      expect(await read(watch(...folders))).toContain('are one, or one lies in the other');
    }
    expect((await taken(watch('in', 'in-2', 'data/inbox'))).watches).toHaveLength(3);
  });

  test('paths of a cameras file are relative to that file', async () => {
    const json = `cameras: [{ code: a, source: { folder: inbox } }]`;
    const config = await read(json, { DEMETER_EDGE_DATA: '/data' }, 'DEMETER_EDGE_CAMERAS');
    if (typeof config === 'string') throw new Error(config);
    expect(config.watches[0]?.folder).toBe(
      join(config.values.DEMETER_EDGE_CAMERAS ?? '', '../inbox'),
    );
  });

  test('refuses a file that cannot be read, and none where keys are needed', async () => {
    expect(await read('', { DEMETER_EDGE_CONFIG: '/missing/edge.yaml' })).toContain(
      'cannot be read',
    );
    expect(await read('', { DEMETER_EDGE_HOST: '0.0.0.0' })).toContain('must name a file');
  });
});

/** Lists of lists of aliases: a few lines that would be millions of values. */
function bomb(): string {
  return ['b', 'c', 'd', 'e', 'f', 'g', 'h']
    .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}*${'abcdefg'[at]}]`)
    .join('\n');
}

describe('tuning', () => {
  test("the file's values go before the centre's, key by key; those are in force until they are taken back", () => {
    const tuning = new Tuning({
      time_zone: 'Europe/Berlin',
      thresholds: { dark: 1, bright: 2 },
      cameras: { a: { thresholds: { dark: 3 }, timetable: { every: '1h' } } },
    });
    tuning.setCentre({
      thresholds: { dark: 5, empty: 0.5 },
      policies: { good: { forward: 'later' } },
      cameras: { a: { timetable: { every: '5m' } }, b: { timetable: { every: '5m' } } },
    });
    expect(tuning.thresholdsOf('a')).toMatchObject({ dark: 3, bright: 2, empty: 0.5 });
    expect(tuning.thresholdsOf('b')).toMatchObject({ dark: 1, empty: 0.5 });
    expect(tuning.policies.good.forward).toBe('later');
    expect(tuning.timetableOf('a')).toEqual({ every: '1h', time_zone: 'Europe/Berlin' });
    expect(tuning.timetableOf('b')).toEqual({ every: '5m', time_zone: 'Europe/Berlin' });
    tuning.setCentre(null);
    expect(tuning.thresholdsOf('b')).toMatchObject({ dark: 1, empty: 0.13 });
    expect(tuning.policies.good.forward).toBe('now');
    expect(tuning.timetableOf('b')).toBeNull();
  });
});
