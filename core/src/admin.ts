/** The core's command line: `bun core/src/admin.ts <command> [--json]`; `demeter` runs it. */
import { parseArgs } from 'node:util';
import { AppError } from '@demeter/common/errors';
import { makeSignInLink, makeToken } from './admin/access.ts';
import { openAdminContext } from './admin/admin-context.ts';
import type { Answer, Arguments, Command } from './admin/command.ts';
import { examine } from './admin/doctor.ts';
import { EDGE_USAGE, manageEdges } from './admin/edge.ts';
import { init } from './admin/init.ts';
import { check, listPhotos } from './admin/look.ts';
import { migrate } from './admin/migrate.ts';
import { addPlaces } from './admin/place.ts';
import { seed } from './admin/seed.ts';
import { readConfig } from './config.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  migrate: {
    usage: 'migrate up|down|status|create NAME',
    about: "Bring the database's schema to this version, or one step back.",
    run: migrate,
  },
  init: {
    usage: 'init',
    about: 'Make organisation, administrator, signing key and buckets where they are missing.',
    run: init,
  },
  token: {
    usage: 'token [--role admin|supervisor|worker|viewer] [--minutes N]',
    about: 'Print an access token of a local person; without --role a viewer.',
    alone: 'token',
    run: makeToken,
  },
  seed: {
    usage: 'seed',
    about: 'Make a believable small nursery; what is there already stays.',
    run: seed,
  },
  edge: {
    usage: EDGE_USAGE,
    about:
      'Add a box and print its one-time code (or a token); list, rename, revoke, remove boxes.',
    run: manageEdges,
  },
  place: {
    usage: 'place add CODE … [--name NAME]',
    about: 'Add a bench to the seeded greenhouse, or several.',
    run: addPlaces,
  },
  photos: {
    usage: 'photos [--limit N]',
    about: 'List the newest photos with place, count and batch.',
    run: listPhotos,
  },
  stock: {
    usage: 'stock check',
    about: 'Prove that every batch is the sum of its movements.',
    run: check,
  },
  'sign-in-link': {
    usage: 'sign-in-link [--role ROLE]',
    about: 'Print a link that signs a browser in, once.',
    run: makeSignInLink,
  },
};

const DOCTOR = {
  usage: 'doctor',
  about: 'Say what is configured, reachable and missing, and how to mend it.',
} as const;

/** Throws INVALID_INPUT for an option that is none. */
function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean' },
        role: { type: 'string' },
        minutes: { type: 'string' },
        name: { type: 'string' },
        hours: { type: 'string' },
        token: { type: 'boolean' },
        limit: { type: 'string' },
      },
    });
  } catch (error) {
    const [sentence = 'An option is wrong.'] = (error as Error).message.split('. ');
    throw new AppError('INVALID_INPUT', `${sentence}.`, { hint: 'See --help.' });
  }
}

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = readArguments(argv);
  const [name = '', ...words] = positionals;
  if (name === 'doctor') {
    await runDoctor(values.json === true);
    return;
  }
  const command = COMMANDS[name];
  if (!command || values.help) {
    for (const { usage, about } of [...Object.values(COMMANDS), DOCTOR]) {
      console.log(`${usage.padEnd(60)} ${about}`);
    }
    if (!command && name !== '')
      throw new AppError('INVALID_INPUT', `There is no command ${name}.`);
    return;
  }
  const args: Arguments = { words, options: values };
  const context = await openAdminContext(readConfig(process.env));
  try {
    show(await command.run(context, args), values.json === true, command.alone);
  } finally {
    await context.close();
  }
}

/** Answers what it found also where the database is away; with --json for other programs. */
async function runDoctor(json: boolean): Promise<void> {
  const findings = await examine(readConfig(process.env));
  show(findings, json);
  if (!json && findings.some(({ ok }) => ok === false)) process.exitCode = 1;
}

function show(answer: Answer | readonly object[], json: boolean, alone?: string): void {
  if (json) {
    console.log(JSON.stringify(answer));
  } else if (Array.isArray(answer)) {
    console.table(answer);
  } else {
    for (const [name, value] of Object.entries(answer)) {
      const shown = typeof value === 'string' ? value : JSON.stringify(value);
      if (name === alone) console.log(shown);
      else if (alone) console.error(`${name}: ${shown}`);
      else console.log(`${name}: ${shown}`);
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const told = error instanceof AppError ? `${error.code}: ${error.message} ${error.hint}` : error;
  console.error(told);
  process.exitCode = 1;
}
// Timers of the S3 client (30 s of silence) would keep a finished command waiting.
process.exit();
