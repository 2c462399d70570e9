import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Call, talking } from '../reprocess/command.ts';
import { COMPARE_BY, type CompareWords, compare } from '../reprocess/compare.ts';
import { confirm } from '../reprocess/confirm.ts';
import { CoreError } from '../reprocess/core-error.ts';
import { follow } from '../reprocess/follow.ts';
import { makePlan, type PlanWords } from '../reprocess/plan.ts';
import { type ProcessWords, processPhotos } from '../reprocess/process.ts';
import {
  EXIT,
  type Exit,
  planWords,
  promotedWords,
  reprocessingWords,
  stateWords,
  table,
} from '../reprocess/report.ts';
import { addCostOptions, addCountOptions, addFilterOptions } from '../reprocess/request-options.ts';
import { type ResultsWords, readResults } from '../reprocess/results.ts';
import { type ReprocessingShape, toReprocessing } from '../reprocess/shapes.ts';
import { stopSignal } from './demo.ts';

type RunWords = PlanWords & { readonly name?: string; readonly yes: boolean };

export function addReprocess(program: Command): void {
  const reprocess = program
    .command('reprocess')
    .description('count photos once more, or photos of your own (docs/reprocessing.md)');
  const add = <Words>(
    usage: string,
    about: string,
    act: (call: Call<Words>) => Promise<Exit>,
    options: (command: Command) => Command = (command) => command,
  ) => talking(options(reprocess.command(usage).description(about)), stopSignal, act);

  add('plan', 'say what would be counted, and what it costs; nothing starts', plan, planOptions);
  add('start <plan>', 'begin what was planned', start, (command) =>
    command.option('--name <name>', 'for people'),
  );
  add('run', 'plan, ask, start and follow', run, (command) =>
    planOptions(command)
      .option('--name <name>', 'for people')
      .option('--yes', 'start without asking', false),
  );
  add('list', 'the newest reprocessings', list, (command) =>
    command.option('--limit <n>', 'at most so many', parseLimit, 50),
  );
  add('show <id>', 'one reprocessing', control('Get'));
  add('pause <id>', 'stop for a while; photos under way are finished', control('Pause'));
  add('resume <id>', 'go on', control('Resume'));
  add('cancel <id>', 'stop for good; what was counted stays', control('Cancel'));
  add('watch <id>', 'follow it until it has ended', ({ client, report, args }) =>
    follow(client, report, args[0]!),
  );
  add('results <id>', 'a line for each photo as it is done', results, resultsOptions);
  add(
    'compare <id>',
    'new counts beside the old ones and the hand counts',
    comparing,
    compareOptions,
  );
  add('promote <id>', 'make the new counts current: stock gets proposed adjustments', promote);
  add('discard <id>', 'leave the old counts current for good', control('Discard'));
  add(
    'process <photos...>',
    'count files and folders of your own; nothing is stored, unless asked',
    processing,
    (command) =>
      addCountOptions(command)
        .option('--output <file>', 'write lines there; the same command goes on with it')
        .option('--detections', 'boxes, not counts alone', false)
        .option('--store', 'the core keeps the photos, as uploads', false),
  );
}

function planOptions(command: Command): Command {
  addCostOptions(addCountOptions(addFilterOptions(command)));
  return command.option(
    '--hashes <file>',
    'the photos with these SHA-256, a line each; - is stdin',
  );
}

function resultsOptions(command: Command): Command {
  return command
    .option('--detections', 'boxes, not counts alone', false)
    .option('--no-wait', 'end at what is there now')
    .addOption(
      new Option('--after <cursor>', 'go on after this one; a file keeps its own').conflicts(
        'output',
      ),
    )
    .option(
      '--output <file>',
      'write lines there, a cursor beside; the same command goes on with it',
    );
}

function compareOptions(command: Command): Command {
  return command
    .addOption(new Option('--by <what>', 'a line for each').choices(COMPARE_BY).default('place'))
    .option('--changed-only', 'leave out what did not change', false)
    .addOption(new Option('--csv', 'RFC 4180, with a header').default(false).conflicts('json'));
}

async function plan({ client, report, words }: Call<PlanWords>): Promise<Exit> {
  const made = await makePlan(client, words);
  report.summary(made, planWords(made));
  if (!report.json) report.say(`To begin: demeter reprocess start ${made.plan_id}`);
  return EXIT.done;
}

async function start({ client, report, args, words }: Call<{ name?: string }>): Promise<Exit> {
  const request = { plan_id: args[0]!, name: words.name ?? '' };
  const { reprocessing } = await client.ask('Start', request);
  const shape = toReprocessing(reprocessing);
  report.summary(shape, reprocessingWords(shape));
  return EXIT.done;
}

async function run({ client, report, words }: Call<RunWords>): Promise<Exit> {
  const made = await makePlan(client, words);
  report.line('plan', made, planWords(made));
  if (!words.yes && !(await confirm('Start it?', client.options.signal))) {
    const hint = 'Give --yes to start without being asked.';
    throw new CoreError('NOT_CONFIRMED', 'Nothing was started.', hint, false);
  }
  const request = { plan_id: made.plan_id, name: words.name ?? '' };
  const { reprocessing } = await client.ask('Start', request);
  const { id } = toReprocessing(reprocessing);
  report.say(`Started: ${id}`);
  return await follow(client, report, id);
}

async function list({ client, report, words }: Call<{ limit: number }>): Promise<Exit> {
  const { reprocessings } = await client.ask('List', { limit: words.limit, after: '' });
  const shapes = reprocessings.map(toReprocessing);
  if (report.json) for (const shape of shapes) report.line('reprocessing', shape, '');
  const header = ['id', 'state', 'photos', 'done', 'before', 'after', 'model', 'name'];
  report.summary({ reprocessings: shapes.length }, table([header, ...shapes.map(row)]));
  return EXIT.done;
}

function row(given: ReprocessingShape): readonly string[] {
  const { photos, done, plants_before, plants_after } = given;
  const numbers = [photos, done, plants_before, plants_after].map(String);
  return [given.id, stateWords(given), ...numbers, given.model, given.name];
}

function control(name: 'Get' | 'Pause' | 'Resume' | 'Cancel' | 'Discard') {
  return async ({ client, report, args }: Call<unknown>): Promise<Exit> => {
    const { reprocessing } = await client.ask(name, { reprocessing_id: args[0]! });
    const shape = toReprocessing(reprocessing);
    report.summary(shape, reprocessingWords(shape));
    return EXIT.done;
  };
}

async function results({ client, report, args, words }: Call<ResultsWords>): Promise<Exit> {
  return await readResults(client, report, args[0]!, words);
}

async function comparing({ client, report, args, words }: Call<CompareWords>): Promise<Exit> {
  return await compare(client, report, args[0]!, words);
}

async function promote({ client, report, args }: Call<unknown>): Promise<Exit> {
  const answer = await client.ask('Promote', { reprocessing_id: args[0]! });
  const shape = toReprocessing(answer.reprocessing);
  const proposals = Number(answer.proposals);
  const unchanged = Number(answer.unchanged);
  const refused = Number(answer.refused);
  report.summary(
    { ...shape, proposals, unchanged, refused },
    `${reprocessingWords(shape)}\n${promotedWords(proposals, unchanged, refused)}`,
  );
  return EXIT.done;
}

async function processing({ client, report, args, words }: Call<ProcessWords>): Promise<Exit> {
  return await processPhotos(client, report, args, words);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('It is a whole number from 1 to 1000.');
}
