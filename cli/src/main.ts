/** The `demeter` command. It imports no part: parts run as processes of their own. */
import { parseConfig } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { Command } from 'commander';
import { addDemo } from './commands/demo.ts';
import { addDev } from './commands/dev.ts';
import { addDoctor } from './commands/doctor.ts';
import { addModels } from './commands/models.ts';
import { addPartCommands } from './commands/parts.ts';
import { addReprocess } from './commands/reprocess.ts';

const program = new Command('demeter')
  .description('counts plants from photos and keeps a nursery’s stock true')
  .showHelpAfterError();
addDemo(program);
addDev(program);
addDoctor(program);
addModels(program);
addPartCommands(program);
addReprocess(program);

try {
  // An unknown DEMETER_* variable or a wrong value is refused before anything starts.
  parseConfig(process.env);
  await program.parseAsync();
} catch (error) {
  if (error instanceof AppError) console.error(`${error.code}: ${error.message} ${error.hint}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
