import type { Command } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { examine } from '../doctor/examine.ts';

const MARKS = { ok: 'ok     ', note: 'note   ', bad: 'MISSING' } as const;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what is configured, reachable and missing, and how to mend it')
    .option('--data <dir>', 'data folder of the embedded system', DEFAULT_DATA)
    .option('--json', 'the findings as one line of JSON', false)
    .action(async (options: { data: string; json: boolean }) => {
      const findings = await examine(options.data);
      if (options.json) console.log(JSON.stringify(findings));
      else {
        for (const { state, what, says, mend } of findings) {
          console.log(`${MARKS[state]} ${what}: ${says}`);
          if (state !== 'ok' && mend) console.log(`        → ${mend}`);
        }
      }
      process.exitCode = findings.some(({ state }) => state === 'bad') ? 1 : 0;
    });
}
