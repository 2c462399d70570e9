import { expect, setDefaultTimeout, test } from 'bun:test';
import { withEdge, withFolder } from './_testing.ts';
import { realDisk } from './buffer/real-disk.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('a port that is taken is refused by the name of its setting, and nothing stays open', () =>
  withFolder(async (folder) => {
    using taken = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    const env = { DEMETER_EDGE_DATA: folder, DEMETER_EDGE_PORT: String(taken.port) };
    const started = withEdge(env, async () => {});
    const error = await started.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'INVALID_SETTING', field: 'DEMETER_EDGE_PORT' });
    // Journal and data folder are free.
    await withEdge({ DEMETER_EDGE_DATA: folder }, async () => {});
  }));

test('a second edge on the port of another, with a folder of its own, is refused', () =>
  withFolder((first) =>
    withFolder((second) =>
      withEdge({ DEMETER_EDGE_DATA: first }, async ({ url }) => {
        const env = { DEMETER_EDGE_DATA: second, DEMETER_EDGE_PORT: new URL(url).port };
        const error = await withEdge(env, async () => {}).catch((cause: unknown) => cause);
        expect(error).toMatchObject({ code: 'INVALID_SETTING', field: 'DEMETER_EDGE_PORT' });
      }),
    ),
  ));

test('a disk that fails at the start is said in a sentence with a code', () =>
  withFolder(async (folder) => {
    const syncFolder = async () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const env = { DEMETER_EDGE_DATA: folder };
    const started = withEdge(env, async () => {}, { disk: { ...realDisk, syncFolder } });
    const error = await started.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORAGE_FAILED' });
  }));
