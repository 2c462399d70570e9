import { describe, expect, test } from 'bun:test';
import { CoreRoll } from './registry.ts';

describe('which cores live', () => {
  test('alone, this one and no other, at once', () => {
    expect(new CoreRoll().call(['a'], false)).toEqual(['a']);
  });

  test('a core that one look misses is not taken for dead, three in a row are', () => {
    const roll = new CoreRoll();
    for (let i = 0; i < 3; i++) roll.call(['a', 'b'], true);
    expect(roll.call(['a'], true)).toEqual(['a', 'b']);
    expect(roll.call(['a'], true)).toEqual(['a', 'b']);
    expect(roll.call(['a'], true)).toEqual(['a']);
  });

  test('nothing is said before three looks, at start and after Redis was away', () => {
    const roll = new CoreRoll();
    expect([1, 2, 3].map(() => roll.call(['a'], true))).toEqual([null, null, ['a']]);
    expect(roll.call(null, true)).toBeNull();
    expect([1, 2, 3].map(() => roll.call(['a'], true))).toEqual([null, null, ['a']]);
  });
});
