import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, testData } from './system/environment.ts';
import { type Ended, runProgram } from './system/program.ts';

setDefaultTimeout(300_000);

interface Result {
  readonly file: string;
  readonly sha256: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detected: number | null;
  readonly classes: Readonly<Record<string, number>>;
  readonly location: string | null;
  readonly batch: string | null;
  readonly seconds: number;
}

interface Answer {
  readonly photos: number;
  readonly results: readonly Result[];
  readonly stock: { readonly batches: number; readonly plants: number };
  readonly startup_seconds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'demeter-demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function demo(...args: string[]): Promise<{ ended: Ended; ready: unknown; answer: Answer }> {
  const data = join(folder, 'data');
  const ended = await runProgram(
    'cli/src/main.ts',
    ['demo', '--once', '--json', '--data', data, ...args],
    cleanEnvironment({}),
  );
  const lines = ended.stdout.trim().split('\n');
  if (ended.code !== 0) throw new Error(`the demo ended with ${ended.code}:\n${ended.stderr}`);
  return { ended, ready: JSON.parse(lines[0]!), answer: JSON.parse(lines.at(-1)!) as Answer };
}

describe('the demo on the embedded default', () => {
  let first: Answer;

  test('counts the sample photos, books them, and names what it refuses', async () => {
    const { ended, ready, answer } = await demo();
    expect(ready).toMatchObject({
      ready: true,
      addresses: { core: expect.stringMatching(/^http:/), edge: expect.stringMatching(/^http:/) },
      tokens: { admin: expect.any(String), viewer: expect.any(String), camera: expect.any(String) },
    });
    // The port is another at each start: people read it here.
    const { addresses } = ready as { addresses: { core_grpc: string } };
    expect(addresses.core_grpc).toMatch(/:\d+$/);
    expect(ended.stderr).toContain(`gRPC at ${addresses.core_grpc}`);
    first = answer;
    expect(answer.photos).toBe(9);
    const by = new Map(answer.results.map((result) => [result.file, result]));
    // What the generator drew, and how far a count may be off.
    const drawn = {
      'tray-of-twenty.jpg': 19,
      'cacti-in-clay.jpg': 23,
      'echeverias-on-gravel.jpg': 16,
    };
    for (const [file, plants] of Object.entries(drawn)) {
      const result = by.get(file)!;
      expect(result.state, file).toBe('completed');
      expect(Math.abs(result.detected! - plants), file).toBeLessThanOrEqual(2);
      expect(result.classes, file).toEqual({ plant: result.detected! });
      expect(result.batch, file).not.toBeNull();
    }
    // By the tag in the photo, and by its position.
    const found = ['cacti-in-clay.jpg', 'echeverias-on-gravel.jpg'].map((f) => by.get(f)?.location);
    expect(new Set([...found, null]).size).toBe(3);
    expect(by.get('mixed-pots.jpg')).toMatchObject({ state: 'needs_location', batch: null });
    expect(by.get('cut-off.jpg')).toMatchObject({ state: 'refused', detected: null });
    expect(by.get('cut-off.jpg')?.reason).toContain('TRUNCATED_PHOTO');
    expect(by.get('not-a-photo.jpg')?.reason).toContain('NOT_AN_IMAGE');
    expect(by.get('sent-twice.jpg')?.sha256).toBe(by.get('tray-of-twenty.jpg')!.sha256);
    const booked = answer.results.filter((r) => r.batch !== null && r.file !== 'sent-twice.jpg');
    const plants = booked.reduce((sum, result) => sum + result.detected!, 0);
    expect(answer.stock).toEqual({ batches: booked.length, plants });
  });

  test('started again it still has what it stored, and books nothing twice', async () => {
    const { answer } = await demo();
    expect(answer.stock).toEqual(first.stock);
    const known = (results: readonly Result[]) =>
      results.map(({ file, sha256, state, detected, location, batch }) => ({
        ...{ file, sha256, state, detected, location, batch },
      }));
    expect(known(answer.results)).toEqual(known(first.results));
  });

  const data = testData();
  test.skipIf(!data)(
    'counts one’s own photos, each at a place of its own (needs DEMETER_TEST_DATA)',
    async () => {
      const { answer } = await demo('--photos', join(data!, 'photos-and-models/trays'));
      expect(answer.photos).toBe(2);
      const tray = answer.results.find((result) => result.file === 'arabidopsis_tray.jpg')!;
      expect(tray.state).toBe('completed');
      expect(Math.abs(tray.detected! - 19)).toBeLessThanOrEqual(1);
      expect(new Set(answer.results.map((result) => result.location)).size).toBe(2);
      expect(answer.results.every((result) => result.batch !== null)).toBe(true);
    },
  );
});
