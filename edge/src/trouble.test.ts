import { expect, test } from 'bun:test';
import pino from 'pino';
import { Trouble } from './trouble.ts';

test('a trouble is said when it begins, changes or is over', async () => {
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line).msg) });
  const trouble = new Trouble(log, 'the store fails');
  const turns: [string | null, string[]][] = [
    [null, []],
    ['away', ['the store fails']],
    ['away', []],
    ['full', ['the store fails']],
    [null, ['no more: the store fails']],
    [null, []],
    ['full', ['the store fails']],
  ];
  for (const [failure, expected] of turns) {
    await trouble.hold(() => {
      if (failure !== null) throw new Error(failure);
    });
    expect(trouble.now).toBe(failure);
    expect(said.splice(0)).toEqual(expected);
  }
});
