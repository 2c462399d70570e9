import { afterEach, expect, test } from 'bun:test';
import { embeddedEnvironment } from './environment.ts';

const before = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

test('the demo keeps the ports that are set, and knows nothing of the servers in .env', () => {
  process.env.DEMETER_CORE_PORT = '8123';
  process.env.DATABASE_URL = 'postgresql://real.test/x';
  delete process.env.DEMETER_EDGE_PORT;
  const env = embeddedEnvironment({ DEMETER_TILING: 'off' });
  expect(env).toMatchObject({ DEMETER_CORE_PORT: '8123', DEMETER_TILING: 'off' });
  expect(env.DATABASE_URL).toBeUndefined();
  expect(env.DEMETER_EDGE_PORT).toBeUndefined();
});
