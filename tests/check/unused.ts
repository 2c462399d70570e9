import { type Check, tool } from './check.ts';

export const unused: Check = {
  name: 'unused files, exports, dependencies',
  run: async () => {
    await tool('knip', '--no-progress');
  },
};
