import { expect, test } from 'bun:test';
import { parsePythonLiteral } from './python-literal.ts';

test('reads what Python writes', () => {
  expect(parsePythonLiteral(`{0: 'person', 1: "potter's wheel", 2: 'a\\'b\\\\'}`)).toEqual(
    new Map([
      [0, 'person'],
      [1, "potter's wheel"],
      [2, "a'b\\"],
    ]),
  );
  expect(parsePythonLiteral('[640, 480]')).toEqual([640, 480]);
  expect(parsePythonLiteral('(1,)')).toEqual([1]);
  expect(parsePythonLiteral("{'a': True, 'b': None, 'c': -1.5e3, 'd': {}}")).toEqual(
    new Map<string, unknown>([
      ['a', true],
      ['b', null],
      ['c', -1500],
      ['d', new Map()],
    ]) as never,
  );
});

test('refuses what is no literal', () => {
  for (const text of ['', '{0: }', "{'a' 1}", "'open", '[1', '[1] 2', '__import__("os")']) {
    expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
  }
});
