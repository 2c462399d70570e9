import { expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { withFolder } from '../_testing.ts';
import { runCheck } from './check.ts';
import { newPin } from './pin.ts';

/** Findings of a box with this file. */
async function findingsOf(folder: string, file: string) {
  const path = join(folder, 'edge.yaml');
  await writeFile(path, `data_folder: .\n${file}`);
  const { findings } = await runCheck({ DEMETER_EDGE_CONFIG: path });
  return (what: string) => findings.filter((finding) => finding.what === what);
}

test('a centre that cannot be reached is named by host and port, and where its address stands', () =>
  withFolder(async (folder) => {
    const address = `127.0.0.1:${sparePort()}`;
    const url = `http://${address}`;
    const [found] = (await findingsOf(folder, `core: { url: '${url}' }\n`))('core');
    expect(found?.level).toBe('wrong');
    expect(found?.finding).toStartWith(`${address}: `);
    expect(found?.finding).toContain('cannot be reached');
    expect(found?.hint).toContain(`${join(folder, 'edge.yaml')}:2:`);
    const { findings } = await runCheck({ DEMETER_EDGE_DATA: folder, DEMETER_EDGE_CORE_URL: url });
    expect(findings.find(({ what }) => what === 'core')?.hint).toContain('DEMETER_EDGE_CORE_URL');
  }));

test('a place of a camera that the centre did not name is noted, where the box has all its places', () =>
  withFolder(async (folder) => {
    const cameras = `cameras: [{ code: one, location_code: A1-01 }, { code: two, location_code: A1-9 }]\n`;
    const places = (more: object) =>
      writeFile(
        join(folder, 'places.json'),
        JSON.stringify({ places: [{ code: 'A1-01', name: 'Bench 1' }], ...more }),
      );
    expect((await findingsOf(folder, cameras))('place')).toEqual([]);
    await places({ truncated: true });
    expect((await findingsOf(folder, cameras))('place')).toEqual([]);
    await places({});
    const of = await findingsOf(folder, cameras);
    expect(of('place')).toMatchObject([
      { level: 'note', finding: expect.stringMatching(/A1-9.*two/) },
    ]);
    expect(of('cameras')[0]?.hint).toContain('admin.ts camera');
  }));

test('a PIN says for which box it is', () =>
  withFolder(async (folder) => {
    expect(newPin({ DEMETER_EDGE_DATA: folder })).toMatchObject({ data_folder: folder });
  }));
