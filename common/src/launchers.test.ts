import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(240_000);

/** A program that says so when its launcher has ended, below `sh -c`. */
const PROGRAM = `
  import { watchLaunchers } from '${join(import.meta.dir, 'launchers.ts')}';
  watchLaunchers(() => { console.log('gone'); process.exit(0); });
  console.log('up');
  setTimeout(() => process.exit(1), 60_000);
`;

test.skipIf(process.platform !== 'linux')(
  'notices that a launcher was killed which passes no signal on',
  async () => {
    const launcher = Bun.spawn(['sh', '-c', '"$0" -e "$1"; true', process.execPath, PROGRAM], {
      stdout: 'pipe',
      // Set where the tests themselves run with --no-orphans: it would end the program at once.
      env: { ...process.env, BUN_FEATURE_FLAG_NO_ORPHANS: undefined },
    });
    const output = launcher.stdout.getReader();
    const read = async () => new TextDecoder().decode((await output.read()).value);
    expect(await read()).toBe('up\n');
    launcher.kill('SIGKILL');
    expect(await read()).toBe('gone\n');
  },
);
