import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { prepared } from './statements.ts';

test('a statement stays prepared, however many others are asked meanwhile', () => {
  const db = new Database(':memory:');
  const texts = Array.from({ length: 100 }, (_, at) => `SELECT ? + ${at} AS sum`);
  const first = texts.map((sql) => prepared(db, sql));
  expect(texts.every((sql, at) => prepared(db, sql) === first[at])).toBe(true);
});

test('parameters are taken as they are, in their order or by number, and not for the plan', () => {
  const db = new Database(':memory:', { strict: true });
  db.run('CREATE TABLE t (text TEXT NOT NULL, number INTEGER, bytes BLOB) STRICT');
  prepared(db, 'INSERT INTO t VALUES (?, ?2, ?)').run('1', 2, Buffer.from([3]));
  const asked = prepared(db, 'SELECT * FROM t WHERE text IN (?,?) AND number <= ? LIMIT ?4');
  expect(asked.get('1', '0', 2, 1)).toEqual({ text: '1', number: 2, bytes: Uint8Array.of(3) });
  expect(asked.get('1', '0', 1, 1)).toBeNull();
  expect(prepared(db, 'SELECT typeof(?) AS type').get('1')).toEqual({ type: 'text' });
  expect(String(asked)).not.toMatch(/(?<!\+)\?/);
});
