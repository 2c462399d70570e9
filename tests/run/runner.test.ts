import { expect, spyOn, test } from 'bun:test';
import { resolve } from 'node:path';
import { inTurn } from './in-turn.ts';
import { readJunit } from './junit.ts';
import { findSuites, kindOf } from './suites.ts';
import { report } from './summary.ts';

const NOTHING_LEFT_OUT = { servers: [], data: false, tests: [] };

function closingLine(run: () => boolean): { ok: boolean; line: string } {
  const log = spyOn(console, 'log').mockImplementation(() => {});
  try {
    const ok = run();
    return { ok, line: String(log.mock.calls.at(-1)?.[0]) };
  } finally {
    log.mockRestore();
  }
}

test('the kind of a test is in its file name', () => {
  expect(kindOf('core/src/stock/batches.test.ts')).toBe('unit');
  expect(kindOf('core/src/stock/batches.integration.test.ts')).toBe('integration');
  expect(kindOf('tests/journey.system.test.ts')).toBe('system');
});

test('the unit tests of a large part are spread over suites, each file in one', async () => {
  const suites = await findSuites(resolve(import.meta.dir, '../..'), ['unit'], ['edge/']);
  const files = suites.flatMap((suite) => suite.files);
  expect(files.length).toBeGreaterThan(24);
  expect(new Set(files).size).toBe(files.length);
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
  const lengths = suites.map((suite) => suite.files.length);
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
});

test('counts nested suites, failures and skipped tests of a junit report', () => {
  const counts = readJunit(`<?xml version="1.0"?><testsuites><testsuite name="a" file="a.test.ts">
    <testcase name="one" classname="" file="a.test.ts" />
    <testsuite name="group"><testcase name="two" classname="group" file="a.test.ts">
      <failure message="no">no</failure></testcase>
      <testcase name="three" classname="group (needs X)" file="a.test.ts"><skipped /></testcase>
    </testsuite></testsuite></testsuites>`);
  expect(counts).toEqual({
    passed: 1,
    failed: ['a.test.ts > group > two'],
    skipped: ['a.test.ts > group (needs X) > three'],
  });
});

test('what was left out fails in CI only, and others’ photos may be absent there', () => {
  const counts = { passed: 2, failed: [], skipped: [] };
  const leftOut = {
    servers: ['Redis: not there'],
    data: true,
    tests: ['x (needs DEMETER_TEST_REDIS_URL)', 'y (needs DEMETER_TEST_DATA)'],
  };
  expect(closingLine(() => report(counts, leftOut, false))).toEqual({
    ok: true,
    line: '2 passed, 0 failed',
  });
  expect(closingLine(() => report(counts, leftOut, true))).toEqual({
    ok: false,
    line: '2 passed, 2 failed',
  });
});

test('a run without any test is a failure', () => {
  const counts = { passed: 0, failed: [], skipped: [] };
  expect(closingLine(() => report(counts, NOTHING_LEFT_OUT, false))).toEqual({
    ok: false,
    line: '0 passed, 1 failed',
  });
});

test('suites run in their order, so many at once and no more; all of them', async () => {
  const log: string[] = [];
  const gates = new Map<number, () => void>();
  const done = inTurn([1, 2, 3, 4], 2, async (item) => {
    log.push(`begin ${item}`);
    await new Promise<void>((resolve) => gates.set(item, resolve));
    log.push(`end ${item}`);
  });
  for (const item of [2, 1, 3, 4]) {
    expect(log.filter((line) => line.startsWith('begin')).length - gates.size).toBe(0);
    gates.get(item)?.();
    await Bun.sleep(0);
  }
  await done;
  expect(log.slice(0, 4)).toEqual(['begin 1', 'begin 2', 'end 2', 'begin 3']);
  expect(log).toHaveLength(8);
});
