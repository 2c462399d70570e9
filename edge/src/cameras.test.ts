import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { withFolder } from './_testing.ts';
import { DEFAULT_THRESHOLDS, readCameras } from './cameras.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const key_sha256 = 'ab'.repeat(32);

function read(content: unknown) {
  return withFolder(async (folder) => {
    const path = join(folder, 'cameras.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    try {
      return readCameras(path);
    } catch (error) {
      if (error instanceof AppError) return `${error.code} ${error.message}`;
      throw error;
    }
  });
}

describe('the cameras file', () => {
  test('fills in what is not said', async () => {
    const cameras = await read({
      cameras: [
        {
          code: 'cam-1',
          key_sha256,
          thresholds: { dark: 10 },
          position: { longitude: 7, latitude: 50 },
        },
      ],
    });
    expect(cameras).toMatchObject([
      {
        code: 'cam-1',
        name: 'cam-1',
        locationCode: null,
        position: { longitude: 7, latitude: 50 },
        thresholds: { ...DEFAULT_THRESHOLDS, dark: 10 },
      },
    ]);
  });

  test.each([
    ['no JSON', 'no JSON', 'cannot be read'],
    ['another shape', { camera: [] }, 'cameras'],
    [
      'a key in the open',
      { cameras: [{ code: 'a', key: 'secret', key_sha256 }] },
      '/cameras/0/key',
    ],
    [
      'a hash that is none',
      { cameras: [{ code: 'a', key_sha256: 'xyz' }] },
      '/cameras/0/key_sha256',
    ],
    [
      'a code twice',
      {
        cameras: [
          { code: 'a', key_sha256 },
          { code: 'a', key_sha256 },
        ],
      },
      'twice',
    ],
    [
      'an impossible position',
      { cameras: [{ code: 'a', key_sha256, position: { longitude: 1, latitude: 99 } }] },
      'latitude',
    ],
  ])('refuses %s, by place', async (_name, content, said) => {
    const answer = await read(content);
    expect(answer).toStartWith('INVALID_SETTING');
    expect(answer).toContain(said);
  });
});
