import type { Command } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { ENTRY } from '../paths.ts';
import { runPart } from '../processes/run.ts';
import { withAdminEnvironment } from '../system/admin-environment.ts';

interface PartCommand {
  readonly name: string;
  readonly words: string;
  readonly about: string;
}

/** Commands that the core carries out itself; its own help says what words and options it takes. */
const COMMANDS: readonly PartCommand[] = [
  {
    name: 'migrate',
    words: 'up|down|status|create NAME',
    about: 'bring the schema to this version, or one back',
  },
  { name: 'init', words: '', about: 'make organisation, administrator, signing keys and buckets' },
  { name: 'seed', words: '', about: 'make a believable small nursery' },
  { name: 'photos', words: '', about: 'list photos with state, place and count' },
  {
    name: 'edge',
    words: 'add|code|list|rename|revoke|remove|enrol CODE|check|send SHA256',
    about: 'add boxes with a one-time code, look after them; enrol and check this machine as one',
  },
  { name: 'place', words: 'add CODE …', about: 'make storage locations in the seeded greenhouse' },
  {
    name: 'token',
    words: '--role ROLE',
    about: 'print an access token of a local person (viewer)',
  },
  { name: 'sign-in-link', words: '', about: 'print a link that signs a browser in, once' },
  { name: 'stock', words: 'check', about: 'prove that the sums of movements equal the batches' },
];

/** What is done at the box itself, by its own settings. */
const AT_THE_BOX = new Set(['enrol', 'check', 'send']);

export function addPartCommands(program: Command): void {
  for (const { name, words, about } of COMMANDS) {
    program
      .command(name)
      .usage(words)
      .description(about)
      .argument('[words...]')
      .option('--data <dir>', 'data folder of the embedded system', DEFAULT_DATA)
      .allowUnknownOption()
      .action(async (given: string[], options: { data: string }) => {
        if (name === 'edge' && AT_THE_BOX.has(given[0] ?? '')) {
          // At the box itself, which has no database.
          process.exitCode = await runPart({
            entry: ENTRY.edgeAdmin,
            args: given,
            env: process.env,
          });
          return;
        }
        const args = [name, ...given];
        process.exitCode = await withAdminEnvironment(options.data, (env) =>
          runPart({ entry: ENTRY.coreAdmin, args, env }),
        );
      });
  }
}
