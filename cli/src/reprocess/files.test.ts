import { afterAll, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import { CountedFile } from './counted-file.ts';
import { photoFiles } from './photo-files.ts';
import { ResultsFile } from './results-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'demeter-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = () => join(folder, `${crypto.randomUUID()}.jsonl`);
const CONTENTS = { reprocessing_id: 'r-1', detections: false };

describe('a file of results', () => {
  test('goes on after its cursor: what a crash left behind it is taken away', async () => {
    const file = path();
    const first = await ResultsFile.open(file, CONTENTS);
    expect(first.cursor).toBe('');
    for (const cursor of ['a', 'b']) await first.append({ cursor });
    await first.close();
    // Lines whose cursor was not kept, the last of them torn.
    appendFileSync(file, '{"cursor":"c"}\n{"curs');
    const second = await ResultsFile.open(file, CONTENTS);
    expect([second.cursor, second.lines]).toEqual(['b', 2]);
    for (const cursor of ['c', 'd']) await second.append({ cursor });
    await second.close();
    const cursors = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l).cursor);
    expect(cursors).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is not written over: another reprocessing, boxes, a file of somebody else', async () => {
    const file = path();
    await (await ResultsFile.open(file, CONTENTS)).close();
    for (const other of [
      { ...CONTENTS, reprocessing_id: 'r-2' },
      { ...CONTENTS, detections: true },
    ]) {
      expect(await rejection(ResultsFile.open(file, other))).toMatchObject({
        code: 'ALREADY_EXISTS',
      });
    }
    const foreign = path();
    writeFileSync(foreign, 'my notes\n');
    expect(await rejection(ResultsFile.open(foreign, CONTENTS))).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(readFileSync(foreign, 'utf8')).toBe('my notes\n');
  });

  test('that lost lines under its cursor is refused', async () => {
    const file = path();
    const results = await ResultsFile.open(file, CONTENTS);
    await results.append({ cursor: 'a' });
    await results.close();
    writeFileSync(file, '');
    expect(await rejection(ResultsFile.open(file, CONTENTS))).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
  });

  test('has one writer', async () => {
    const file = path();
    const results = await ResultsFile.open(file, CONTENTS);
    expect(await rejection(ResultsFile.open(file, CONTENTS))).toMatchObject({ code: 'CONFLICT' });
    await results.close();
  });
});

describe('a file of counted photos', () => {
  const counted = { width: 1, height: 1, detected: 1, counts: {} };

  test('knows what stands in it, without a torn line and failures worth another try', async () => {
    const file = path();
    const first = await CountedFile.open(file);
    first.append({ file: 'a', sha256: 'aa', ...counted });
    first.append({ file: 'b', sha256: 'bb', error: { code: 'X', message: '', retryable: true } });
    first.append({ file: 'c', sha256: 'cc', error: { code: 'X', message: '', retryable: false } });
    first.close();
    const whole = readFileSync(file, 'utf8');
    appendFileSync(file, '{"file":"d","sha2');
    const second = await CountedFile.open(file);
    expect([...second.answered]).toEqual(['aa', 'cc']);
    second.close();
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });

  test('of many lines is read in pieces', async () => {
    const file = path();
    const first = await CountedFile.open(file);
    for (let n = 0; n < 3_000; n++)
      first.append({ file: `${n}`.repeat(20), sha256: `${n}`, ...counted });
    first.close();
    const second = await CountedFile.open(file);
    expect(second.answered.size).toBe(3_000);
    second.close();
  });
});

describe('photos in folders', () => {
  test('are those that look so, below too, in order; a named file is taken as it is', async () => {
    const root = join(folder, 'photos');
    mkdirSync(join(root, 'bed'), { recursive: true });
    for (const name of ['b.JPG', 'a.heic', 'notes.txt', 'bed/c.png'])
      writeFileSync(join(root, name), '');
    const found = await Array.fromAsync(photoFiles([join(root, 'notes.txt'), root]));
    expect(found.map((one) => one.slice(root.length + 1))).toEqual([
      ...['notes.txt', 'a.heic', 'b.JPG', 'bed/c.png'],
    ]);
    const missing = await rejection(Array.fromAsync(photoFiles([join(root, 'none')])));
    expect(missing).toMatchObject({ code: 'NOT_FOUND' });
  });
});
