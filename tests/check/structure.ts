import { bun, type Check } from './check.ts';

export const structure: Check = {
  name: 'structure',
  run: async () => {
    await bun('test', '--only-failures', './tests/structure.test.ts');
  },
};
