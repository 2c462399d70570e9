import { watchLaunchers } from '@demeter/common/launchers';
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { type DemoOptions, runDemo } from '../demo/demo.ts';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole system on this machine, with photos sent through the edge')
    .option('--photos <dir>', 'count your own photos instead of the samples')
    .option('--models <dir>', 'a folder of models besides the project’s own')
    .option('--model <name>', 'the model that counts plants: NAME or NAME/VERSION')
    .option(
      '--tiling <how>',
      'auto (the scale the model knows), off (whole photo), or PIXELS: tiles of the full-size photo, for models of others',
      parseTiling,
    )
    .option('--once', 'end when all photos are counted', false)
    .option('--servers <n>', 'inference servers', parseServers, 1)
    .option('--data <dir>', `folder that keeps everything (default: ${DEFAULT_DATA})`)
    .option('--json', 'one line of JSON when ready, with --once one with the results', false)
    .action(async (options: DemoOptions) => {
      process.exitCode = await runDemo(options, stopSignal());
    });
}

/** Aborts at the first Ctrl-C or SIGTERM, or when who launched us has ended; a second one ends us. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(signal));
  }
  watchLaunchers(() => stop.abort('launcher gone'));
  return stop.signal;
}

function parseTiling(text: string): string {
  if (text === 'auto' || text === 'off' || /^[1-9]\d{1,4}$/.test(text)) return text;
  throw new InvalidArgumentError('It is auto, off, or a number of pixels.');
}

function parseServers(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('It is a whole number from 1 to 64.');
}
