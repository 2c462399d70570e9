import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { hmacOf, makeCode, normalizeCode } from './code-rules.ts';

const key = new Uint8Array(32).fill(7);

test('a code is short, and of letters that cannot be mistaken for others', () => {
  const codes = new Set(Array.from({ length: 500 }, makeCode));
  expect(codes.size).toBe(500);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
});

test('however it is typed, it is the same code', () => {
  const blanks = fc.constantFrom('', ' ', '-', ' - ');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(blanks, fc.boolean()), { minLength: 10, maxLength: 10 }),
      (ways) => {
        const code = makeCode();
        const letters = code.replace('-', '').split('');
        const typed = letters
          .map((letter, at) => {
            const [blank, low] = ways[at]!;
            const read = letter === '0' ? 'o' : letter === '1' ? 'l' : letter;
            return `${blank}${low ? read.toLowerCase() : read.toUpperCase()}`;
          })
          .join('');
        return hmacOf(key, typed).equals(hmacOf(key, code));
      },
    ),
  );
});

test('another code, or another key, is another hash', () => {
  expect(normalizeCode('7k3m9-qptx2')).toBe('7K3M9QPTX2');
  expect(hmacOf(key, '7K3M9-QPTX2').equals(hmacOf(key, '7K3M9-QPTX3'))).toBe(false);
  expect(hmacOf(key, 'A').equals(hmacOf(new Uint8Array(32), 'A'))).toBe(false);
});
