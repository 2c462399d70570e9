/**
 * Photos of one's own through one stream of Process: photos per second, and the slope of memory of
 * core and client. `bun run bench reprocess [--json] [--photos N]`; 10,000 take several minutes.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Child, startChild } from '@demeter/common/child-process';
import { SETTINGS } from '@demeter/common/settings';
import { residentBytes } from '../journey/memory.ts';
import { round } from '../statistics.ts';
import { type Sample, slope } from './slope.ts';
import { writePhotos } from './write-photos.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    photos: { type: 'string', default: '300' },
  },
});
const PHOTOS = Number(values.photos);
const ROOT = join(import.meta.dir, '../..');
const CLI = join(ROOT, 'cli/src/main.ts');
/** Until then code is compiled, pools and caches are filled. */
const WARM_UP_SHARE = 0.3;
const LOOK_MS = 250;
const NEWLINE = 10;

const folder = mkdtempSync(join(tmpdir(), 'demeter-bench-'));
const env = environment();
let demo: Child | undefined;
try {
  const photos = join(folder, 'photos');
  await writePhotos(photos, PHOTOS);
  demo = await startDemo();
  const { samples, seconds, summary } = await processAll(demo, photos);
  const warm = samples.filter(({ photos: done }) => done >= PHOTOS * WARM_UP_SHARE);
  const report = {
    photos: PHOTOS,
    counted: summary.counted,
    failed: summary.failed,
    photos_per_second: round(PHOTOS / seconds),
    core_bytes_per_photo: Math.round(slope(warm, ({ coreBytes }) => coreBytes)),
    client_bytes_per_photo: Math.round(slope(warm, ({ clientBytes }) => clientBytes)),
    core_resident_bytes: warm.at(-1)?.coreBytes,
    client_resident_bytes: warm.at(-1)?.clientBytes,
    samples: warm.length,
  };
  console.log(values.json ? JSON.stringify(report) : report);
} finally {
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** This process's environment without the settings of another Demeter. */
function environment(): Record<string, string | undefined> {
  const own = { LOG_LEVEL: 'warn', USE_GPU: 'false' };
  const names = Object.keys(process.env).filter(
    (name) => !(name in SETTINGS) && !name.startsWith('DEMETER_TEST_'),
  );
  return { ...Object.fromEntries(names.map((name) => [name, process.env[name]])), ...own };
}

/** The whole system on the embedded default, without photos. */
async function startDemo(): Promise<Child> {
  const none = join(folder, 'no-photos');
  mkdirSync(none);
  return await startChild({
    name: 'the demo',
    entry: CLI,
    cwd: ROOT,
    args: ['demo', '--json', '--data', join(folder, 'data'), '--photos', none],
    env,
    logFile: join(folder, 'demo.log'),
  });
}

async function processAll({ pid, ready }: Child, photos: string) {
  const { addresses, tokens } = ready as {
    addresses: { core_grpc: string };
    tokens: { admin: string };
  };
  const token = join(folder, 'token');
  writeFileSync(token, tokens.admin, { mode: 0o600 });
  const output = join(folder, 'counts.jsonl');
  const started = performance.now();
  const client = Bun.spawn(
    [
      ...[process.execPath, '--no-orphans', '--no-env-file', CLI, 'reprocess', 'process', photos],
      ...['--core', addresses.core_grpc, '--token-file', token, '--tiling', 'off'],
      ...['--output', output, '--json'],
    ],
    { cwd: ROOT, env, stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
  );
  const samples: Sample[] = [];
  let offset = 0;
  let answered = 0;
  const look = async () => {
    const added = await Bun.file(output).slice(offset).bytes();
    offset += added.length;
    answered += added.reduce((lines, byte) => lines + (byte === NEWLINE ? 1 : 0), 0);
    samples.push({
      photos: answered,
      coreBytes: residentBytes(pid, 'core/src/main.ts'),
      clientBytes: residentBytes(client.pid, 'cli/src/main.ts'),
    });
  };
  const said = new Response(client.stdout).text();
  const ended = said.then(() => true);
  while (!(await Promise.race([ended, Bun.sleep(LOOK_MS)]))) if (existsSync(output)) await look();
  const stdout = await said;
  const seconds = (performance.now() - started) / 1000;
  if ((await client.exited) !== 0) throw new Error(`the client failed: ${stdout}`);
  const summary = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    counted: number;
    failed: number;
  };
  return { samples, seconds, summary };
}
