import { expect, setDefaultTimeout, test } from 'bun:test';
import { ScriptedSlot } from './_scripted-slot.ts';
import { Turn } from './turn.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const relieved = ({ supervised: { status } }: ScriptedSlot) =>
  status.ready && status.restarts === 1;

test('a successor is ready before the old server drains, and takes its address', async () => {
  await using slot = await ScriptedSlot.start();
  const { metrics } = slot.supervised.status;
  slot.tell('photos-0', '10');
  await slot.until('the successor serves', () => relieved(slot));
  expect(slot.events).toEqual([
    'starts 0',
    'listens 0',
    'starts 1',
    'drains 0',
    'takes-over 1',
    'listens 1',
  ]);
  expect(slot.supervised.status.metrics).toBe(metrics);
});

test('on a GPU the old server drains before the next one starts', async () => {
  await using slot = await ScriptedSlot.start({ exclusive: true });
  slot.tell('photos-0', '10');
  await slot.until('the next one serves', () => relieved(slot));
  expect(slot.events).toEqual(['starts 0', 'listens 0', 'drains 0', 'starts 1', 'listens 1']);
});

test('of several GPUs one at a time: until its next server is ready, or has failed to start', async () => {
  const turn = new Turn();
  await using one = await ScriptedSlot.start({ exclusive: true, turn });
  await using other = await ScriptedSlot.start({ exclusive: true, turn });
  one.tell('slow-1');
  one.tell('photos-0', '10');
  await one.until('it starts again', () => one.events.includes('starts 1'));
  other.tell('photos-0', '10');
  await other.probed();
  expect(other.events).toEqual(['starts 0', 'listens 0']);

  other.tell('fails-1');
  other.tell('slow-2');
  one.takeBack('slow-1');
  await other.until('it is its turn', () => other.events.includes('starts 1'));
  expect(one.events).toContain('listens 1');

  one.tell('photos-1', '10');
  await one.until('it is its turn again', () => one.events.includes('drains 1'));
  expect(other.events).not.toContain('listens 2');
});

test('a successor that does not get ready leaves the old server at work', async () => {
  await using slot = await ScriptedSlot.start();
  slot.tell('cold-1');
  slot.tell('photos-0', '10');
  const { pid } = slot.supervised.status;
  await slot.until('it is given up', () => slot.said.some((line) => line.includes('works on')));
  expect(slot.supervised.status).toMatchObject({ pid, ready: true, restarts: 0 });
  expect(slot.events).toEqual(['starts 0', 'listens 0', 'starts 1']);
});

test('while it stops nothing is recycled any more', async () => {
  await using slot = await ScriptedSlot.start();
  slot.tell('busy-0');
  const stopped = slot.supervised.stop();
  slot.tell('photos-0', '10');
  await slot.probed();
  slot.takeBack('busy-0');
  await stopped;
  expect(slot.events).toEqual(['starts 0', 'listens 0', 'drains 0']);
});
