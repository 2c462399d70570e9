import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PythonClient, pythonOf } from './reprocess/python-client.ts';
import { PICTURES, RecountSystem, smallPhotos } from './reprocess/recount-system.ts';
import { realServers } from './system/environment.ts';
import { runProgram } from './system/program.ts';

const servers = realServers();
const python = process.env.DEMETER_TEST_PYTHON;
const PHOTOS = 24;
/** Of the nursery that `seed` makes. */
const PLACES = ['A1-01', 'A1-02', 'A1-03'];
/** Another pipeline than the one in use: cheaper, and with other counts. */
const RECOUNT = ['--tiling', 'off', '--confidence', '0.7'];
const OWN_PHOTOS = 100;

setDefaultTimeout(300_000);

interface Plan {
  readonly plan_id: string;
  readonly pipeline_digest: string;
  readonly photos: number;
  readonly in_store: number;
  readonly counted_already: number;
  readonly places: number;
  readonly unknown: number;
}

interface Shape {
  readonly id: string;
  readonly state: string;
  readonly photos: number;
  readonly counted: number;
  readonly reused: number;
  readonly failed: number;
  readonly plants_before: number;
  readonly plants_after: number;
}

interface Result {
  readonly cursor: string;
  readonly sha256: string;
  readonly run_id: string;
  readonly outcome: string;
  readonly detected: number;
  readonly before: number;
  readonly boxes: number;
}

describe.skipIf(!servers || !python)(
  'bulk reprocessing by a client in Python (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT, DEMETER_TEST_PYTHON)',
  () => {
    let system: RecountSystem;
    let client: PythonClient;
    let failed = true;
    let photos: readonly Uint8Array[];
    /** Hash → place. */
    const uploaded = new Map<string, string | undefined>();
    let plan: Plan;
    let id = '';
    let results: readonly Result[] = [];

    beforeAll(async () => {
      system = new RecountSystem(servers!);
      await system.start();
      client = await PythonClient.create(python!, system.folder, system);
      photos = await smallPhotos(PHOTOS);
      for (const [index, photo] of photos.entries()) {
        uploaded.set(await system.upload(photo, PLACES[index]), PLACES[index]);
      }
      await system.until('all photos are counted', async () => {
        const [row] = await system.sql`
          select count(*)::int as counted from runs where state = 'completed'`;
        return row.counted === PHOTOS;
      });
    });
    afterAll(async () => await system?.stop(failed));

    test('a plan says what would be done, and does nothing', async () => {
      plan = await client.ask<Plan>('plan', ...RECOUNT);
      expect(plan).toMatchObject({ photos: PHOTOS, in_store: PHOTOS, counted_already: 0 });
      expect(plan.places).toBe(PLACES.length);
      const one = await client.ask<Plan>('plan', '--place', PLACES[1]!);
      expect(one).toMatchObject({ photos: 1, counted_already: 1 });
      const [known] = [...uploaded.keys()];
      const named = await client.ask<Plan>('plan', '--hashes', known!, 'ab'.repeat(32));
      expect(named).toMatchObject({ photos: 1, unknown: 1 });
      const [row] = await system.sql`select count(*)::int as runs from runs`;
      expect(row.runs).toBe(PHOTOS);
    });

    test('every photo is counted once and told once, whoever is killed', async () => {
      const seed = Number(process.env.DEMETER_TEST_SEED ?? Math.floor(Math.random() * 1e6));
      console.error(`seed ${seed}`);
      const deaths = shuffled(['client', 'core', 'server-1'] as const, seed);
      const output = join(system.folder, 'results.jsonl');
      const started = await client.ask<Shape>('start', plan.plan_id);
      id = started.id;
      expect((await client.ask<Shape>('start', plan.plan_id)).id).toBe(id);

      const words = ['results', id, '--output', output];
      let reader = client.spawn(words);
      const restarts: Promise<void>[] = [];
      for (const [index, victim] of deaths.entries()) {
        // So many results are read when it dies; all may be, on a machine that is fast.
        const after = 2 + 6 * index + (seed % 5);
        await system.until(
          `${after} results are read`,
          async () => readLines(output).length >= after,
        );
        if (victim === 'client') {
          reader.kill('SIGKILL');
          await reader.exited;
          reader = client.spawn(words);
        } else {
          await system.kill(victim);
          restarts.push(system.launch(victim));
        }
      }
      await Promise.all(restarts);
      expect(await reader.exited).toBe(0);

      const ended = await client.ask<Shape>('wait', id);
      expect(ended).toMatchObject({ state: 'STATE_COMPLETED', photos: PHOTOS, failed: 0 });
      expect(ended.counted + ended.reused).toBe(PHOTOS);
      results = readLines(output).map((line) => JSON.parse(line) as Result);
      // Told once each, in the order of the cursors.
      expect(results.map(({ sha256 }) => sha256).sort()).toEqual([...uploaded.keys()].sort());
      const again = join(system.folder, 'again.jsonl');
      expect((await client.run(['results', id, '--output', again])).code).toBe(0);
      expect(readFileSync(again, 'utf8')).toBe(readFileSync(output, 'utf8'));
      expect(new Set(results.map(({ cursor }) => cursor)).size).toBe(PHOTOS);
      // Counted once each, beside the count that stands.
      const rows = await system.sql`
        select encode(sha256, 'hex') as sha256, detected::int as detected, id::text as run_id
          from runs where encode(pipeline_digest, 'hex') = ${plan.pipeline_digest}
           and state = 'completed'`;
      const made = [...rows].map((row) => `${row.sha256} ${row.run_id} ${row.detected}`);
      const told = results.map((one) => `${one.sha256} ${one.run_id} ${one.detected}`);
      expect(told.sort()).toEqual(made.sort());
      expect(results.every(({ boxes, detected }) => boxes === detected)).toBe(true);
    });

    test('new counts stand beside the old ones, and become current when promoted', async () => {
      const { lines } = await client.run(['compare', id, '--by', 'photo']);
      const compared = new Map(lines.map((line) => [line.key, [line.before, line.after]]));
      expect(compared).toEqual(
        new Map(results.map(({ sha256, before, detected }) => [sha256, [before, detected]])),
      );
      const changed = results.filter(({ before, detected }) => before !== detected);
      expect(changed.length).toBeGreaterThan(0);
      const detected = async (hash: string) =>
        (await system.get<{ session: { detected: number } }>(`/photos/${hash}`)).session.detected;
      for (const { sha256, before } of results.slice(0, 4)) {
        expect(await detected(sha256)).toBe(before);
      }

      const promoted = await client.ask<Shape & { proposals: number }>('promote', id);
      expect(promoted.state).toBe('STATE_PROMOTED');
      for (const result of results) expect(await detected(result.sha256)).toBe(result.detected);
      // A place's stock changes by what a person accepts, and by nothing else.
      const atPlaces = changed.filter(({ sha256 }) => uploaded.get(sha256) !== undefined);
      expect(promoted.proposals).toBe(atPlaces.length);
      const check = await system.get<{ disagreeing: unknown[] }>('/stock/check');
      expect(check.disagreeing).toEqual([]);
    });

    test('photos of one’s own go through one stream, and nothing of them is stored', async () => {
      const folder = join(system.folder, 'own');
      mkdirSync(folder);
      const torn = join(folder, 'torn.jpg');
      const own = await smallPhotos(OWN_PHOTOS + PHOTOS);
      const files = own.slice(PHOTOS).map((photo, index) => {
        const path = join(folder, `${index}.jpg`);
        writeFileSync(path, photo);
        return path;
      });
      writeFileSync(torn, own[0]!.subarray(0, 2_000));
      const { code, lines } = await client.run(['process', ...RECOUNT, ...files, torn]);
      expect(code).toBe(0);
      const by = new Map(lines.map((line) => [line.file, line]));
      expect(lines).toHaveLength(OWN_PHOTOS + 1);
      expect(by.size).toBe(OWN_PHOTOS + 1);
      expect(by.get(torn)?.error).toBe('TRUNCATED_PHOTO');
      // The same pictures as those that are stored, with the same pipeline.
      const detected = new Map(results.map((one) => [one.sha256, one.detected]));
      for (const [index, hash] of [...uploaded.keys()].slice(0, PICTURES).entries()) {
        const same = { detected: detected.get(hash), error: null, same_bytes: true };
        expect(by.get(files[index]!), files[index]).toMatchObject(same);
      }
      const [row] = await system.sql`select count(*)::int as photos from photos`;
      expect(row.photos).toBe(PHOTOS);
    });

    test('who may not is told so, with the code and the hint', async () => {
      const { code, lines } = await client.run(['plan'], await system.token('worker'));
      expect(code).toBe(1);
      expect(lines.at(-1)).toMatchObject({
        status: 'PERMISSION_DENIED',
        code: 'PERMISSION_DENIED',
        hint: expect.stringContaining('administrator'),
      });
      const { lines: unknown } = await client.run(['plan'], 'nobody');
      expect(unknown.at(-1)).toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    test('the Python that docs/reprocessing.md shows does what it says', async () => {
      const file = join(system.folder, 'recount.py');
      writeFileSync(file, pythonOf('docs/reprocessing.md'));
      const child = client.spawnFile(file, []);
      const [stdout, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
      expect(code).toBe(0);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toContain(`${PHOTOS} photos`);
      expect(lines.slice(1, -1)).toHaveLength(PHOTOS);
    });

    test('demeter reprocess goes the whole way', async () => {
      const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
      const reprocess = async (...words: string[]) => {
        const ended = await runProgram(
          'cli/src/main.ts',
          ['reprocess', ...words, '--json', '--core', system.grpcAddress],
          { ...env, DEMETER_CLIENT_TOKEN: system.adminToken },
        );
        if (ended.code !== 0) throw new Error(`${words.join(' ')}: ${ended.stderr}${ended.stdout}`);
        return JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
      };
      const place = PLACES[0]!;
      const ran = await reprocess(
        'run',
        '--place',
        place,
        '--confidence',
        '0.55',
        '--tiling',
        'off',
        '--yes',
      );
      expect(ran).toMatchObject({ state: 'completed', photos: 1, done: 1, failed: 0 });
      const run = String(ran.id);
      const output = join(system.folder, 'cli.jsonl');
      const read = await reprocess('results', run, '--detections', '--output', output);
      expect(read).toMatchObject({ photos: 1, complete: true });
      const [line] = readLines(output).map((text) => JSON.parse(text));
      expect(line.found).toHaveLength(line.detected);
      expect(await reprocess('compare', run, '--by', 'place')).toMatchObject({ lines: 1 });
      expect(await reprocess('discard', run)).toMatchObject({ state: 'discarded' });
      failed = false;
    });
  },
);

/** Whole lines of a file that may not be there yet. */
function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  const order: T[] = [];
  for (let number = seed; rest.length > 0; number = Math.floor(number / 7) + 1) {
    order.push(...rest.splice(number % rest.length, 1));
  }
  return order;
}
