import { describe, expect, test } from 'bun:test';
import { chooseDefault, compareVersions, type State } from './versions.ts';

const versions = (states: Readonly<Record<string, State>>) =>
  Object.entries(states).map(([version, state]) => ({ version, state }));

describe('versions', () => {
  test('are ordered by the numbers in them', () => {
    const ordered = ['1', '1.2', '1.10', '2', '9', '10', '2026-01', 'v3', 'v20'];
    expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
    expect(Math.sign(compareVersions('01', '1'))).toBe(-Math.sign(compareVersions('1', '01')));
  });

  const cases: readonly (readonly [
    string,
    string | undefined,
    Readonly<Record<string, State>>,
    string | undefined,
  ])[] = [
    ['at first: the highest', undefined, { 1: 'loading', 10: 'loading', 9: 'loading' }, '10'],
    ['at first: the highest that is ready', undefined, { 1: 'ready', 2: 'unloaded' }, '1'],
    ['a higher one that loads waits', '1', { 1: 'ready', 2: 'loading' }, '1'],
    ['a higher one that is ready takes over', '1', { 1: 'ready', 2: 'ready' }, '2'],
    ['a higher one that fails does not', '1', { 1: 'ready', 2: 'unavailable' }, '1'],
    ['a lower one never does', '2', { 1: 'ready', 2: 'unloaded' }, '2'],
    ['one that fails hands over', '2', { 1: 'unloaded', 2: 'unavailable' }, '1'],
    ['one that is removed hands over', '2', { 1: 'ready' }, '1'],
    ['none is sound: still one to name', '2', { 1: 'unavailable', 2: 'unavailable' }, '2'],
    ['there is none', undefined, {}, undefined],
  ];
  for (const [what, current, states, expected] of cases) {
    test(`the default: ${what}`, () => {
      expect(chooseDefault({ current, wanted: undefined, versions: versions(states) })).toBe(
        expected,
      );
    });
  }

  test('the default that settings name stays, whatever else is ready', () => {
    const states = versions({ 1: 'unloaded', 2: 'ready' });
    expect(chooseDefault({ current: '2', wanted: '1', versions: states })).toBe('1');
    expect(chooseDefault({ current: '2', wanted: '7', versions: states })).toBe('2');
  });
});
