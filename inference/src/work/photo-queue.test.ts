import { expect, test } from 'bun:test';
import { PhotoQueue } from './photo-queue.ts';

/** Photos that run until told; `started` names them in order. */
function photos(queue: PhotoQueue) {
  const started: string[] = [];
  const running = new Map<string, () => void>();
  return {
    started,
    add: (name: string, lane: number) =>
      queue.add({
        lane,
        handBack: () => {},
        run: () => {
          started.push(name);
          const { promise, resolve } = Promise.withResolvers<void>();
          running.set(name, resolve);
          return promise;
        },
      }),
    finish: async (name: string) => {
      running.get(name)?.();
      await Bun.sleep(0);
    },
  };
}

test('a live photo starts at once beside bulk ones; each kind keeps to its places', async () => {
  const queue = new PhotoQueue(2, () => {});
  const { add, started, finish } = photos(queue);
  for (const name of ['a', 'b', 'c', 'd']) add(name, 1);
  expect(started).toEqual(['a', 'b']);
  for (const name of ['live 1', 'live 2', 'live 3']) add(name, 0);
  expect(started.slice(2)).toEqual(['live 1', 'live 2']);
  await finish('a');
  expect(started.slice(4)).toEqual(['c']);
  await finish('live 1');
  expect(started.slice(5)).toEqual(['live 3']);
  expect([queue.active, queue.waiting]).toEqual([4, 1]);
});

test('among bulk photos the lower lane comes first', async () => {
  const queue = new PhotoQueue(1, () => {});
  const { add, started, finish } = photos(queue);
  add('first', 2);
  add('later', 3);
  add('sooner', 1);
  await finish('first');
  await finish('sooner');
  expect(started).toEqual(['first', 'sooner', 'later']);
});
