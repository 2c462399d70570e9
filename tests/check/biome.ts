import { type Check, tool } from './check.ts';

export const biome: Check = {
  name: 'format and lint',
  run: async () => {
    await tool('biome', 'check', '--error-on-warnings', '.');
  },
  fix: async () => {
    await tool('biome', 'check', '--write', '.');
  },
};
