import type { Command } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { ENTRY } from '../paths.ts';
import { runPart } from '../processes/run.ts';
import { withAdminEnvironment } from '../system/admin-environment.ts';

interface PartCommand {
  readonly name: string;
  readonly words: string;
  readonly about: string;
  readonly entry: string;
}

/** Commands that a part carries out itself; its own help says what words and options it takes. */
const COMMANDS: readonly PartCommand[] = [
  ofCore('migrate', 'up|down|status|create NAME', 'bring the schema to this version, or one back'),
  ofCore('init', '', 'make organisation, administrator, signing keys and buckets'),
  ofCore('seed', '', 'make a believable small nursery'),
  ofCore('photos', '', 'list photos with state, place and count'),
  ofCore('edge', 'add CODE', 'give an edge its credential'),
  ofCore('place', 'add CODE', 'make a storage location in the seeded greenhouse'),
  ofCore('token', '--role ROLE', 'print an access token of a local person'),
  ofCore('sign-in-link', '', 'print a link that signs a browser in, once'),
  ofCore('stock', 'check', 'prove that the sums of movements equal the batches'),
  {
    name: 'models',
    words: '',
    about: 'list models and what they lack',
    entry: ENTRY.inferenceAdmin,
  },
];

function ofCore(name: string, words: string, about: string): PartCommand {
  return { name, words, about, entry: ENTRY.coreAdmin };
}

export function addPartCommands(program: Command): void {
  for (const { name, words, about, entry } of COMMANDS) {
    program
      .command(name)
      .usage(words)
      .description(about)
      .argument('[words...]')
      .option('--data <dir>', 'data folder of the embedded system', DEFAULT_DATA)
      .allowUnknownOption()
      .action(async (given: string[], options: { data: string }) => {
        const args = [name, ...given];
        process.exitCode =
          entry === ENTRY.coreAdmin
            ? await withAdminEnvironment(options.data, (env) => runPart({ entry, args, env }))
            : await runPart({ entry, args, env: process.env });
      });
  }
}
