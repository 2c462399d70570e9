import { describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CorePhoto } from '../system/core-client.ts';
import { dataFolderOf } from './data-folder.ts';
import { isSettled, reasonOf, type Shown, verdictOf } from './outcome.ts';
import { ownPlaceCode, photosIn } from './photo-file.ts';
import { renderTable } from './table.ts';

function photo(state: string, detected: number | null, more: Partial<CorePhoto> = {}): CorePhoto {
  return {
    photo_id: 'a'.repeat(64),
    state: 'stored',
    quarantine_reason: null,
    location: null,
    verdict: null,
    session: { state, detected, error_code: null, error_message: null },
    run: null,
    batch: null,
    ...more,
  };
}

describe('files of the demo', () => {
  test('photos are found by extension, below too; other files are left alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'demeter-photos-'));
    mkdirSync(join(folder, 'bed'));
    for (const file of ['b.JPG', 'a.heic', 'SOURCE.txt', 'labels.csv', 'bed/c.png', 'clip.mp4']) {
      writeFileSync(join(folder, file), 'x');
    }
    expect(photosIn(folder).map(({ file }) => file)).toEqual(['a.heic', 'b.JPG', 'bed/c.png']);
  });

  test('a place of its own is named after file and bytes', () => {
    const file = {
      file: 'bed 3/Tray (2).jpeg',
      path: '',
      by: 'camera',
      locationCode: undefined,
    } as const;
    expect(ownPlaceCode(file, `0a1b2c${'0'.repeat(58)}`)).toBe('TRAY-2-0A1B2C');
    expect(ownPlaceCode({ ...file, file: '苗.png' }, 'f'.repeat(64))).toBe('PHOTO-FFFFFF');
  });

  test('another model or tiling keeps its counts apart, unless a folder is named', () => {
    expect(dataFolderOf({})).toBe('.demeter');
    expect(dataFolderOf({ model: 'yolov8n/2', tiling: '640' })).toBe('.demeter/with/yolov8n-2-640');
    expect(dataFolderOf({ tiling: 'off' })).toBe('.demeter/with/plants-off');
    expect(dataFolderOf({ model: 'x', data: '/srv/d' })).toBe('/srv/d');
  });
});

describe('what became of a photo', () => {
  test('it is settled when nothing more happens by itself, and a waiting one only when counted', () => {
    expect(isSettled(photo('pending', null))).toBe(false);
    expect(isSettled(photo('processing', null))).toBe(false);
    expect(isSettled(photo('needs_location', null))).toBe(false);
    expect(isSettled(photo('needs_location', 0))).toBe(true);
    expect(isSettled(photo('completed', 19))).toBe(true);
    expect(isSettled(photo('failed', null))).toBe(true);
    expect(isSettled(photo('pending', null, { state: 'quarantined' }))).toBe(true);
  });

  test('a reason is given for all but a booked count', () => {
    expect(reasonOf(photo('completed', 19))).toBeNull();
    expect(reasonOf(photo('needs_config', 3))).toContain('no product');
    const quarantined = { state: 'quarantined', quarantine_reason: 'It cannot be decoded.' };
    expect(reasonOf(photo('failed', null, quarantined))).toBe('It cannot be decoded.');
  });

  test('the verdict is shown in the edge’s words', () => {
    const reasons = [{ code: 'blurred', sentence: 'The photo is blurred.' }];
    expect(verdictOf(photo('completed', 1, { verdict: { result: 'poor', reasons } }))).toBe(
      'poor: The photo is blurred.',
    );
    expect(verdictOf(photo('completed', 1))).toBe('');
  });

  test('the table has a line for each photo, and counts stand under each other', () => {
    const counted = { sha256: '', reason: null, classes: {}, seconds: 1, verdict: 'good' };
    const results: Shown[] = [
      { ...counted, file: 'a.jpg', state: 'completed', detected: 5, location: 'A1', batch: 'B-1' },
      {
        ...counted,
        file: 'bb.jpg',
        state: 'needs_location',
        detected: 120,
        location: null,
        batch: null,
      },
    ];
    expect(renderTable(results).split('\n').slice(2)).toEqual([
      'a.jpg   good     A1         5  B-1',
      'bb.jpg  good     –        120  needs_location',
    ]);
  });
});
