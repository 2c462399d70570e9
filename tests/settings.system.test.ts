import { expect, setDefaultTimeout, test } from 'bun:test';
import { cleanEnvironment } from './system/environment.ts';
import { runProgram } from './system/program.ts';

setDefaultTimeout(240_000);

const PROGRAMS = [
  ['core/src/main.ts', []],
  ['core/src/admin.ts', ['init']],
  ['edge/src/main.ts', []],
  ['inference/src/main.ts', []],
  ['inference/src/supervisor-main.ts', []],
  ['cli/src/main.ts', ['demo', '--once']],
] as const;

test.each(PROGRAMS)(
  '%s refuses a DEMETER_ variable that it does not know, by name',
  async (entry, args) => {
    const ended = await runProgram(entry, args, cleanEnvironment({ DEMETER_COER_PORT: '8000' }));
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('UNKNOWN_SETTING');
    expect(ended.stderr).toContain('DEMETER_COER_PORT');
    expect(ended.stderr).toContain('DEMETER_CORE_PORT');
  },
);

test.each(PROGRAMS)('%s refuses a wrong value and says what is allowed', async (entry, args) => {
  const env = cleanEnvironment({ DATABASE_URL: 'postgresql://127.0.0.1:1/x', APP_ENV: 'live' });
  const ended = await runProgram(entry, args, env);
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain('APP_ENV must be one of development, staging, production');
});
