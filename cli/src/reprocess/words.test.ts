import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@demeter/common/clock';
import { acquireFileLock } from '@demeter/common/file-lock';
import { rejection } from '@demeter/common/testing';
import { Command } from 'commander';
import { dataPaths } from '../paths.ts';
import { connect } from './connection.ts';
import { CoreError } from './core-error.ts';
import { durationWords, Pace } from './pace.ts';
import { Patience } from './patience.ts';
import { Progress } from './progress.ts';
import { comparisonRow, planWords, plural, promotedWords, table } from './report.ts';
import {
  addCostOptions,
  addCountOptions,
  addFilterOptions,
  type CostWords,
  type CountWords,
  type FilterWords,
  toCountOptions,
  toFilter,
} from './request-options.ts';
import type { PlanShape } from './shapes.ts';

const folder = mkdtempSync(join(tmpdir(), 'demeter-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parse(...args: string[]): FilterWords & CountWords & CostWords {
  const command = addCostOptions(addCountOptions(addFilterOptions(new Command())));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: 'user' }).opts();
}

describe('the words of a plan', () => {
  test('become filter and options', async () => {
    const words = parse(
      ...['--place', 'A1', 'B2', '--product', 'PHAL', '--state', 'completed'],
      ...[
        '--from',
        '2026-05-01',
        '--before',
        '2026-06-01T12:00:00+02:00',
        '--counted-with',
        'plants/1',
      ],
      ...[
        '--model',
        'plants/2',
        '--tiling',
        '640',
        '--confidence',
        '0.3',
        '--server-minutes',
        '90',
      ],
      ...[
        '--deadline',
        '2026-07-01T06:00Z',
        '--hours',
        '20:00-06:00',
        '--time-zone',
        'Europe/Berlin',
      ],
    );
    expect(await toFilter(words)).toEqual({
      places: ['A1', 'B2'],
      polygon_geojson: '',
      captured_from: '2026-05-01T00:00:00.000Z',
      captured_before: '2026-06-01T10:00:00.000Z',
      products: ['PHAL'],
      states: ['completed'],
      counted_with: 'plants/1',
    });
    expect(toCountOptions(words)).toEqual({
      model: 'plants/2',
      tiling: '640',
      confidence: 0.3,
      server_minutes_max: 90,
      deadline: '2026-07-01T06:00:00.000Z',
      hours: '20:00-06:00',
      time_zone: 'Europe/Berlin',
    });
    expect(toCountOptions(parse())).not.toHaveProperty('confidence');
  });

  test.each([
    ['--from', 'yesterday'],
    ['--from', '2026-05-01T10:00:00'],
    ['--confidence', '1.5'],
    ['--tiling', 'some'],
    ['--hours', '8-17'],
    ['--time-zone', 'Atlantis/Center'],
    ['--server-minutes', '0'],
  ])('are refused where they mean nothing: %s %s', (option, value) => {
    expect(() => parse(option, value)).toThrow(option);
  });

  test('take a polygon from a geometry, a feature, or a collection of one', async () => {
    const polygon = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [0, 1],
          [1, 1],
          [0, 0],
        ],
      ],
    };
    const feature = { type: 'Feature', properties: { n: 1 }, geometry: polygon };
    const path = join(folder, 'polygon.json');
    for (const value of [polygon, feature, { type: 'FeatureCollection', features: [feature] }]) {
      writeFileSync(path, JSON.stringify(value));
      expect(JSON.parse((await toFilter({ polygon: path })).polygon_geojson!)).toEqual(polygon);
    }
    writeFileSync(
      path,
      JSON.stringify({ type: 'FeatureCollection', features: [feature, feature] }),
    );
    expect(await rejection(toFilter({ polygon: path }))).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('the connection', () => {
  const words = { data: join(folder, 'nowhere'), patience: 1, json: false };
  const rest = { signal: new AbortController().signal, say: () => {} };

  test('prefers what the command says to the environment', async () => {
    const env = { DEMETER_CLIENT_CORE: 'localhost:1', DEMETER_CLIENT_TOKEN: 'from-environment' };
    const one = await connect({ ...words, core: 'localhost:2', token: 'mine' }, rest, env);
    expect([one.options.address, await one.options.token()]).toEqual(['localhost:2', 'mine']);
    const other = await connect(words, rest, env);
    expect([other.options.address, await other.options.token()]).toEqual([
      ...['localhost:1', 'from-environment'],
    ]);
    for (const client of [one, other]) client.close();
  });

  test('finds the system that runs on the data folder, and none that was killed', async () => {
    const data = join(folder, 'demo');
    mkdirSync(data);
    const paths = dataPaths(data);
    writeFileSync(paths.running, JSON.stringify({ core_grpc: '127.0.0.1:4321' }));
    const addressOf = async () => {
      const client = await connect({ ...words, data, token: 'mine' }, rest, {});
      client.close();
      return client.options.address;
    };
    const running = acquireFileLock(paths.lock);
    expect(await addressOf()).toBe('127.0.0.1:4321');
    running.lock?.release();
    expect(await addressOf()).not.toBe('127.0.0.1:4321');
  });

  test('reads the file of the token at each call', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'first\n');
    const client = await connect({ ...words, core: 'localhost:1', tokenFile: file }, rest, {});
    expect(await client.options.token()).toBe('first');
    writeFileSync(file, 'second\n');
    expect(await client.options.token()).toBe('second');
    client.close();
  });

  test('sends no token to another machine in the clear', async () => {
    const far = connect({ ...words, core: 'core.example:8010', token: 'mine' }, rest, {});
    expect(await rejection(far)).toMatchObject({ code: 'INVALID_SETTING' });
    const open = await connect({ ...words, core: 'core.example:8010' }, rest, {});
    open.close();
    const wrong = connect({ ...words, core: 'core.example' }, rest, {});
    expect(await rejection(wrong)).toMatchObject({ code: 'INVALID_SETTING' });
  });
});

describe('patience', () => {
  const away = new CoreError('UNAVAILABLE', 'gone', '', true);

  function patient(seconds: number) {
    let at = 0;
    const clock: Clock = {
      now: () => at,
      monotonic: () => at,
      sleep: async (ms) => {
        at += ms;
      },
    };
    const said: string[] = [];
    const { signal } = new AbortController();
    const patience = new Patience({ seconds, clock, signal, say: (line) => said.push(line) });
    return { patience, said, at: () => at };
  }

  test('lasts its time from the last answer on, and says so once', async () => {
    const { patience, said, at } = patient(60);
    patience.answered();
    const error = await rejection(
      (async () => {
        for (;;) await patience.failed(away);
      })(),
    );
    expect(error).toMatchObject({ code: 'CORE_AWAY' });
    expect(at()).toBeGreaterThanOrEqual(60_000);
    expect(said).toHaveLength(1);
    patience.answered();
    await patience.failed(away);
    expect(said).toHaveLength(3);
  });

  test('is short with a core that never answered, and none with a refusal', async () => {
    const { patience, at } = patient(600);
    const refused = new CoreError('NOT_FOUND', 'no', '', false);
    expect(await rejection(patience.failed(refused))).toBe(refused);
    const error = await rejection(
      (async () => {
        for (;;) await patience.failed(away);
      })(),
    );
    expect(error).toMatchObject({ code: 'CORE_AWAY' });
    expect(at()).toBeLessThan(30_000);
  });
});

describe('the pace', () => {
  test('is that of the last minute', () => {
    const pace = new Pace();
    expect(pace.photosPerSecond).toBeUndefined();
    for (let second = 0; second <= 100; second++) pace.add(second * 1000, second);
    // A second server comes: twice as fast from now on.
    for (let second = 1; second <= 60; second++) pace.add((100 + second) * 1000, 100 + 2 * second);
    expect(pace.photosPerSecond).toBe(2);
    expect(pace.secondsLeft(340)).toBe(60);
  });

  test('says nothing of the end where nothing moves', () => {
    const pace = new Pace();
    for (const at of [0, 1000, 2000]) pace.add(at, 5);
    expect(pace.secondsLeft(10)).toBeUndefined();
  });

  test.each([
    [42.4, '42 s'],
    [600, '10 min'],
    [7_500, '2 h 05 min'],
  ])('%d s reads %s', (seconds, words) => expect(durationWords(seconds)).toBe(words));
});

describe('progress without a terminal', () => {
  test('is a line now and then: at the start, at a change of state, at the end', () => {
    const said: string[] = [];
    const progress = new Progress((line) => said.push(line), false);
    const step = (done: number, state: string) =>
      progress.show({ done, photos: 9, state, words: `${done} plants` });
    for (const done of [0, 1, 2]) step(done, 'running');
    step(2, 'paused (hours)');
    for (const done of [3, 9]) step(done, 'running');
    expect(said.map((line) => line.split(' photos')[0])).toEqual([
      ...['0 of 9', '2 of 9', '3 of 9', '9 of 9'],
    ]);
    expect(said[1]).toContain('paused (hours)');
  });
});

describe('what people read', () => {
  const plan = {
    ...{ plan_id: 'p', expires_at: '', model: 'plants/2', pipeline_digest: '' },
    ...{ photos: 3, in_store: 3, counted_already: 0, tiles: 12, places: 1, notes: [] },
  } as unknown as PlanShape;
  test.each([
    [0.42, '12 tiles, about 0.4 server-minutes'],
    [1234.5, '12 tiles, about 1,234.5 server-minutes'],
    [0.01, '12 tiles, under 0.1 server-minutes'],
    [0, 'not measured yet'],
  ])('a plan of %d server-minutes says %s', (server_minutes, words) =>
    expect(planWords({ ...plan, server_minutes })).toContain(`work       ${words}\n`),
  );

  test('a plan that only reuses costs nothing', () =>
    expect(planWords({ ...plan, server_minutes: 0, counted_already: 3 })).toMatch(/work +none\n/));

  test('one is one photo, two are photos', () =>
    expect([plural(1, 'photo'), plural(0, 'photo'), plural(1200, 'photo')]).toEqual([
      ...['1 photo', '0 photos', '1,200 photos'],
    ]));

  test('photos without a place have a line of their own', () => {
    const line = { key: '', photos: 2, before: 5, after: 7, truth: null };
    expect(comparisonRow(line)).toEqual(['(no place)', '2', '5', '7', '+2', '–']);
  });

  test('promoting says where a person decides, and that no place means no stock', () => {
    const words = promotedWords(2, 1, 1);
    expect(words).toContain('but for 1 photo that the books refused');
    expect(words).toContain('2 adjustments of stock to be decided: page → Stock');
    expect(words).toContain('1 photo changed no stock');
    expect(promotedWords(0, 0, 0)).not.toContain('POST');
  });
});

test('a table has numbers to the right', () => {
  const rows = [
    ['key', 'n'],
    ['A1-03', '7'],
    ['B', '120'],
  ];
  expect(table(rows)).toBe('key    n\nA1-03    7\nB      120');
});
