/**
 * For tests of the supervisor: a server that says what one has to say and does no work.
 * Arguments: a folder, then what the supervisor adds. It writes what happens to `events`, one line
 * `<event> <life>` each, and does as files tell: `photos-<life>` (photos that it says it has
 * answered), `cold-<life>` (it never gets warm), `slow-<life>` (it is not ready until that is gone),
 * `fails-<life>` (it ends before it is ready) and `busy-<life>` (it drains until that is gone). Each
 * probe adds a character to `probes`.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RELIEVE, RESTARTS, TAKE_OVER } from '../parent.ts';

const folder = process.argv[2]!;
const life = process.argv.find((arg) => arg.startsWith(RESTARTS))!.slice(RESTARTS.length + 1);
const event = (name: string) => appendFileSync(join(folder, 'events'), `${name} ${life}\n`);
const say = (line: object) => console.log(JSON.stringify(line));
const told = (name: string) => existsSync(join(folder, `${name}-${life}`));

event('starts');
process.once('SIGTERM', async () => {
  event('drains');
  while (told('busy')) await Bun.sleep(10);
  process.exit(0);
});
if (process.argv.includes(RELIEVE)) {
  if (told('cold')) say({ warm: false, reason: 'Its model is bad.' });
  else say({ warm: true, reason: '' });
  const lines = createInterface({ input: process.stdin });
  await new Promise<void>((resolve) => lines.on('line', (l) => l === TAKE_OVER && resolve()));
  event('takes-over');
}
while (told('slow')) await Bun.sleep(10);
if (told('fails')) process.exit(1);
const port = Number(process.env.DEMETER_INFERENCE_METRICS_PORT ?? 0);
const server = Bun.serve({
  port,
  hostname: '127.0.0.1',
  fetch: () => {
    appendFileSync(join(folder, 'probes'), '.');
    const photos = join(folder, `photos-${life}`);
    const answered = existsSync(photos) ? Number(readFileSync(photos, 'utf8')) : 0;
    return Response.json({ status: 'ok', photos: answered, resident_bytes: 1 });
  },
});
event('listens');
say({ ready: true, grpc: '127.0.0.1:4711', metrics: `127.0.0.1:${server.port}` });
