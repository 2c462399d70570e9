import { expect, test } from 'bun:test';
import { oneAtATime } from './one-at-a-time.ts';

test('a thousand who ask at once are answered by one more run, which began after they asked', async () => {
  let value = 0;
  let runs = 0;
  let running = 0;
  const seen: number[] = [];
  const read = oneAtATime(async () => {
    runs++;
    running++;
    expect(running).toBe(1);
    const now = value;
    await Promise.resolve();
    seen.push(now);
    running--;
  });
  const first = read();
  value = 1;
  await Promise.all(Array.from({ length: 1_000 }, read));
  await first;
  expect({ runs, seen }).toEqual({ runs: 2, seen: [0, 1] });
  value = 2;
  await read();
  expect(seen.at(-1)).toBe(2);
});
