import { expect, test } from 'bun:test';
import { Ledger } from './ledger.ts';

test('a load alone took what use has grown by', () => {
  const ledger = new Ledger();
  ledger.reserve('a', 300);
  expect(ledger.reservedBytes).toBe(300);
  ledger.begin('a', 1_000);
  expect(ledger.finish('a', 1_120)).toEqual(new Map([['a', 120]]));
  expect(ledger.reservedBytes).toBe(0);
});

test('loads that overlap share what they took together, when the last is done', () => {
  const ledger = new Ledger();
  ledger.reserve('a', 100);
  ledger.begin('a', 1_000);
  ledger.reserve('b', 300);
  ledger.begin('b', 1_050);
  expect(ledger.reservedBytes).toBe(400);
  expect(ledger.finish('a', 1_200)).toEqual(new Map());
  expect(ledger.finish('b', 1_800)).toEqual(
    new Map([
      ['a', 200],
      ['b', 600],
    ]),
  );
  ledger.reserve('c', 10);
  ledger.begin('c', 1_800);
  expect(ledger.finish('c', 1_807)).toEqual(new Map([['c', 7]]));
});

test('one that fails gives its reservation back and took nothing', () => {
  const ledger = new Ledger();
  ledger.reserve('a', 100);
  ledger.begin('a', 1_000);
  ledger.reserve('b', 100);
  ledger.begin('b', 1_000);
  ledger.abandon('a');
  expect(ledger.reservedBytes).toBe(100);
  expect(ledger.finish('b', 1_090)).toEqual(new Map([['b', 90]]));
  ledger.reserve('c', 100);
  ledger.abandon('c');
  ledger.reserve('d', 10);
  ledger.begin('d', 2_000);
  expect(ledger.finish('d', 1_000)).toEqual(new Map([['d', 0]]));
});

test('where memory was freed meanwhile nothing is told, of the next load it is', () => {
  const ledger = new Ledger();
  ledger.freed();
  ledger.reserve('a', 100);
  ledger.begin('a', 1_000);
  ledger.freed();
  expect(ledger.finish('a', 950)).toEqual(new Map());
  ledger.reserve('b', 100);
  ledger.begin('b', 950);
  expect(ledger.finish('b', 970)).toEqual(new Map([['b', 20]]));
});
