/** The command as people and programs run it: a process beside a core that says what it is told. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '@demeter/common/settings';
import type { ReprocessHandlers, Reprocessing } from '@demeter/proto';
import { ROOT } from '../paths.ts';
import { refusal, ScriptedCore } from './_scripted-core.ts';

setDefaultTimeout(240_000);

let folder = '';
let core: ScriptedCore | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demeter-command-'));
});
afterEach(() => {
  core?.die();
  rmSync(folder, { recursive: true, force: true });
});

/** This process's environment without the settings of a Demeter of this machine. */
function environment(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(env)) {
    if (name in SETTINGS || name.startsWith('DEMETER_')) delete env[name];
  }
  return env;
}

async function spawn(handlers: Partial<ReprocessHandlers>, ...args: string[]) {
  core ??= new ScriptedCore(handlers);
  await core.start();
  const child = Bun.spawn(
    [
      ...[process.execPath, '--no-orphans', '--no-env-file', join(ROOT, 'cli/src/main.ts')],
      ...['reprocess', ...args, '--core', core.address],
    ],
    { cwd: ROOT, env: environment(), stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const ended = async () => {
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    core?.die();
    core = undefined;
    return { code, stdout, stderr, lines: stdout.trim().split('\n') };
  };
  return { child, ended };
}

const running: Reprocessing = {
  reprocessing_id: 'r-1',
  state: 'STATE_RUNNING',
  model: 'plants/2',
  photos: 10,
  counted: 4,
  plants_before: 40,
  plants_after: 44,
};
const completed: Reprocessing = { ...running, state: 'STATE_COMPLETED', counted: 9, failed: 1 };

describe('demeter reprocess', () => {
  test('run plans, starts and follows; --json is one object a line, the summary last', async () => {
    const asked: unknown[] = [];
    const { ended } = await spawn(
      {
        Plan: (call, callback) => {
          asked.push(call.request.options?.model, call.request.filter?.places);
          callback(null, { plan: { plan_id: 'p-1', photos: 10, model: 'plants/2' } });
        },
        Start: (call, callback) => {
          asked.push(call.request.plan_id, call.request.name);
          callback(null, { reprocessing: running });
        },
        Watch: (call) => {
          for (const reprocessing of [running, completed]) call.write({ reprocessing });
          call.end();
        },
      },
      ...['run', '--place', 'A1', '--model', 'plants/2', '--name', 'spring', '--yes', '--json'],
    );
    const { code, lines } = await ended();
    expect(asked).toEqual(['plants/2', ['A1'], 'p-1', 'spring']);
    const said = lines.map((line) => JSON.parse(line));
    expect(said.map(({ kind }) => kind)).toEqual(['plan', 'progress', 'progress', 'summary']);
    expect(said.at(-1)).toMatchObject({ id: 'r-1', state: 'completed', done: 10, failed: 1 });
    // Done, but a photo failed.
    expect(code).toBe(2);
  });

  test('run without a yes starts nothing', async () => {
    const { ended } = await spawn(
      { Plan: (_, callback) => callback(null, { plan: { plan_id: 'p-1', photos: 1234 } }) },
      'run',
    );
    const { code, stdout, stderr } = await ended();
    expect(stdout).toContain('1,234');
    expect(stderr).toContain('Nothing was started.');
    expect(code).toBe(1);
    const json = await spawn(
      { Plan: (_, callback) => callback(null, { plan: { plan_id: 'p-1', photos: 1 } }) },
      ...['run', '--json'],
    );
    const said = await json.ended();
    expect(said.code).toBe(1);
    expect(JSON.parse(said.lines.at(-1)!)).toMatchObject({
      ...{ kind: 'error', code: 'NOT_CONFIRMED', hint: expect.stringContaining('--yes') },
    });
  });

  test('what is no token is refused before anything is sent, and shown nowhere', async () => {
    let asked = 0;
    const list: Partial<ReprocessHandlers> = {
      List: (_, callback) => {
        asked++;
        callback(null, { reprocessings: [] });
      },
    };
    const file = join(folder, 'token');
    writeFileSync(file, 'token: eyJsecret\nrole: admin\n');
    for (const words of [
      ['--token-file', file],
      ['--token', 'Bearer eyJsecret'],
    ]) {
      const { ended } = await spawn(list, 'list', '--json', ...words);
      const { code, stdout, stderr } = await ended();
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        ...{ kind: 'error', code: 'INVALID_SETTING' },
        hint: expect.stringContaining('demeter token --role'),
      });
      expect(stdout + stderr).not.toContain('eyJ');
    }
    expect(asked).toBe(0);
    writeFileSync(file, 'eyJgood.e30.c2ln\n');
    const good = await spawn(list, 'list', '--json', '--token-file', file);
    expect((await good.ended()).code).toBe(0);
    expect(asked).toBe(1);
  });

  test('without a core it says what to start, in plain words', async () => {
    const { ended } = await spawn({}, 'list', '--json', '--patience', '0');
    core?.die();
    const { code, lines } = await ended();
    expect(code).toBe(3);
    const said = JSON.parse(lines.at(-1)!);
    expect(said).toMatchObject({
      ...{ code: 'CORE_AWAY', hint: expect.stringContaining('bun run demo') },
    });
    expect(said.message).not.toContain('Resolution note');
  });

  test('a refusal is said with code and hint', async () => {
    const missing = () => refusal('NOT_FOUND', 'no reprocessing r-9.');
    const show: ReprocessHandlers['Get'] = (_, callback) => callback(missing());
    const { ended } = await spawn({ Get: show }, 'show', 'r-9');
    expect(await ended()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/NOT_FOUND: no reprocessing r-9\. Check the id/),
    });
    const json = await spawn({ Get: show }, 'show', 'r-9', '--json');
    expect(JSON.parse((await json.ended()).lines.at(-1)!)).toMatchObject({
      ...{ kind: 'error', code: 'NOT_FOUND', hint: expect.stringContaining('Check the id') },
    });
  });

  test('watch ends at Ctrl-C and says how to go on; the core hears no cancel', async () => {
    const watched = Promise.withResolvers<void>();
    let cancels = 0;
    const { child, ended } = await spawn(
      {
        Watch: (call) => {
          call.write({ reprocessing: running });
          watched.resolve();
        },
        Cancel: (_, callback) => {
          cancels++;
          callback(null, { reprocessing: running });
        },
      },
      ...['watch', 'r-1', '--json'],
    );
    await watched.promise;
    child.kill('SIGINT');
    const { code, stderr } = await ended();
    expect(code).toBe(130);
    expect(stderr).toContain('demeter reprocess watch r-1');
    expect(cancels).toBe(0);
  });

  test('results go on in their file after a kill -9: no gap, no repetition', async () => {
    const output = join(folder, 'results.jsonl');
    const PHOTOS = 60;
    const asked: string[] = [];
    const half = Promise.withResolvers<void>();
    const results: ReprocessHandlers['Results'] = async (call) => {
      asked.push(call.request.after);
      for (let at = Number(call.request.after || 0) + 1; at <= PHOTOS; at++) {
        call.write({
          cursor: String(at),
          sha256: Buffer.alloc(32, at),
          outcome: 'counted',
          detected: at,
        });
        // The first client hears no more: it is killed while it waits.
        if (at === PHOTOS / 2 && asked.length === 1) return half.resolve();
      }
      call.end();
    };
    const words = ['results', 'r-1', '--output', output, '--json'];
    const first = await spawn({ Results: results }, ...words);
    await half.promise;
    while (readLines(output).length < PHOTOS / 2) await Bun.sleep(10);
    first.child.kill('SIGKILL');
    await first.ended();
    // As a crash would leave it.
    writeFileSync(output, '{"cursor":"torn', { flag: 'a' });
    const second = await spawn({ Results: results }, ...words);
    const { code, lines } = await second.ended();
    expect(code).toBe(0);
    expect(asked).toHaveLength(2);
    const cursors = readLines(output).map((line) => JSON.parse(line).cursor);
    expect(cursors).toEqual(Array.from({ length: PHOTOS }, (_, index) => String(index + 1)));
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ cursor: String(PHOTOS), complete: true });
  });

  test('compare speaks CSV', async () => {
    const { ended } = await spawn(
      {
        Compare: (call) => {
          call.write({ key: 'Haus 1, "Nord"', photos: 2, before: 30, after: 28, truth: 29 });
          call.write({ key: 'B', photos: 1, before: 5, after: 5 });
          call.end();
        },
      },
      ...['compare', 'r-1', '--csv'],
    );
    const { code, lines } = await ended();
    expect(lines).toEqual([
      'place,photos,before,after,change,truth',
      '"Haus 1, ""Nord""",2,30,28,-2,29',
      'B,1,5,5,0,',
    ]);
    expect(code).toBe(0);
  });

  test('process goes on in its file with what it has not counted', async () => {
    const dir = folder;
    for (let n = 0; n < 6; n++) writeFileSync(join(dir, `${n}.jpg`), `photo ${n}`);
    const output = join(dir, 'counts.jsonl');
    const sent: string[] = [];
    const handler: ReprocessHandlers['Process'] = (call) => {
      call.write({ credit: { photos: 4 } });
      call.on('data', ({ photo }) => {
        if (!photo) return;
        sent.push(photo.content.toString());
        call.write({ result: { reference: photo.reference, detected: 3, counts: { plant: 3 } } });
        call.write({ credit: { photos: 1 } });
      });
      call.on('end', () => call.end());
    };
    const words = ['--output', output, '--json'];
    const three = [0, 1, 2].map((n) => join(dir, `${n}.jpg`));
    const first = await spawn({ Process: handler }, 'process', ...three, ...words);
    expect(JSON.parse((await first.ended()).lines.at(-1)!)).toMatchObject({
      counted: 3,
      plants: 9,
    });
    const second = await spawn({ Process: handler }, 'process', dir, ...words);
    const { code, lines } = await second.ended();
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ counted: 3, skipped: 3, complete: true });
    const people = ['process', dir, '--output', output];
    const third = await (await spawn({ Process: handler }, ...people)).ended();
    expect(third.stderr).toStartWith('1 photo · 1 known before');
    expect(third.stdout).toContain('0 photos counted: 0 plants; 0 failed, 6 known before');
    expect(sent.sort()).toEqual(Array.from({ length: 6 }, (_, n) => `photo ${n}`));
    expect(readLines(output)).toHaveLength(6);
    expect(code).toBe(0);
  });
});

/** Whole lines. */
function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
