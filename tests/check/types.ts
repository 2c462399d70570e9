import { type Check, PARTS, tool } from './check.ts';

/** Part by part: each has its own root folder and sees only its own packages. */
export const types: readonly Check[] = PARTS.map((part) => ({
  name: `types of ${part}`,
  run: async () => {
    await tool('tsc', '-p', part);
  },
}));
