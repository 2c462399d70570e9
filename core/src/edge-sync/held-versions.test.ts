import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { forgotten, parseHeld } from './held-versions.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

test('what a box says it holds is read, and what says nothing is left', () => {
  const a = sha('a');
  expect(parseHeld(`7:${a}, 9`)).toEqual([
    { version: 7, sha256: a },
    { version: 9, sha256: null },
  ]);
  for (const text of [null, '', 'x', '-1', '1.5', `1:${a}0`, '9999999999', '7:']) {
    expect(parseHeld(text)).toEqual([]);
  }
  expect(parseHeld('1,2,3,4,5,6')).toHaveLength(4);
});

const given = [1, 2, 3].map((version) => ({ version, jws: `manifest ${version}` }));
const held = (version: number, jws?: string) => ({ version, sha256: jws ? sha(jws) : null });

test.each([
  ['a box that has nothing yet', [], 3, null],
  ['the last one', [held(3, 'manifest 3')], 3, null],
  ['an older one, and one that it went back from', [held(2, 'manifest 2'), held(3)], 3, null],
  ['one that was given after the backup', [held(5, 'manifest 5')], 3, 5],
  ['only its number', [held(3, 'manifest 3'), held(6)], 3, 6],
  ['another one of the same number', [held(3, 'of before the backup')], 3, 3],
  ['one that is forgotten, but there is a higher one by now', [held(5, 'manifest 5')], 6, null],
] as const)('%s', (_, of, last, expected) => {
  expect(forgotten(of, given, last)).toBe(expected);
});
