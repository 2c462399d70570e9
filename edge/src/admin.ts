import { parseArgs } from 'node:util';
import { CODE_PATTERN } from '@demeter/common/edge-configuration/schema';
import { AppError } from '@demeter/common/errors';
import { renderUnicodeCompact } from 'uqr';
import { type CheckReport, runCheck } from './admin/check.ts';
import { enrolBox } from './admin/enrol.ts';
import { readPhotos } from './admin/photos.ts';
import { newPin } from './admin/pin.ts';
import { reconcile } from './admin/reconcile.ts';
import { sendPhoto } from './admin/send.ts';
import { printTable } from './admin/table.ts';

/**
 * For people at the box: the commands of USAGE below. Works beside a running edge; exit code 1 where
 * something is wrong.
 */

const USAGE = `usage: admin.ts check [--json]
       admin.ts photos [--state STATE] [--limit N] [--json]
       admin.ts camera CODE [--json]
       admin.ts send SHA256 [--json]
       admin.ts pin [--json]
       admin.ts reconcile [--timeout SECONDS] [--json]
       admin.ts enrol CODE [--core URL] [--json]`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean', default: false },
  state: { type: 'string' },
  limit: { type: 'string', default: '50' },
  timeout: { type: 'string', default: '600' },
  core: { type: 'string' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    console.error((error as Error).message);
    return null;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (parsed?.values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!parsed || parsed.positionals.length > 2) {
    console.error(USAGE);
    return 2;
  }
  const { json, ...options } = parsed.values;
  const [command, subject] = parsed.positionals;
  if (command === 'check') {
    const report = await runCheck(process.env);
    const { findings } = report;
    if (json) console.log(JSON.stringify(findings));
    else printCheck(report);
    return findings.some(({ level }) => level === 'wrong') ? 1 : 0;
  }
  if (command === 'photos') {
    const limit = Number(options.limit);
    const page = readPhotos(process.env, { state: options.state, limit });
    if (json) console.log(JSON.stringify(page));
    else {
      const headings = [
        'accepted',
        'photo',
        'camera',
        'state',
        'verdict',
        'what people should know',
      ];
      printTable(headings, page.photos.map(toPhotoRow));
    }
    return 0;
  }
  if (command === 'pin') {
    const { pin, data_folder, minutes, expires_at, urls } = newPin(process.env);
    if (json) console.log(JSON.stringify({ pin, data_folder, expires_at, urls }));
    else {
      const [url] = urls;
      if (url) console.log(`${renderUnicodeCompact(url, { border: 2 })}\n${urls.join('\n')}`);
      console.log(
        `PIN ${pin}, for one phone, within ${minutes} minutes, at the box of ${data_folder}`,
      );
    }
    return 0;
  }
  if (command === 'reconcile') {
    const report = await reconcile(process.env, Number(options.timeout));
    if (json) console.log(JSON.stringify(report));
    else printTable(['comparison', 'result'], Object.entries(report).map(toReportRow));
    return report.lost > 0 ? 1 : 0;
  }
  if (command === 'enrol' && subject) {
    const enrolled = await enrolBox(process.env, subject, options.core);
    console.log(JSON.stringify(enrolled, null, json ? 0 : 2));
    return 0;
  }
  if (command === 'send' && subject) {
    const sent = sendPhoto(process.env, subject.toLowerCase());
    console.log(json ? JSON.stringify(sent) : `${sent.photo_id} is ${sent.state}`);
    return 0;
  }
  if (command === 'camera' && subject) {
    console.log(JSON.stringify(newCamera(subject), null, json ? 0 : 2));
    return 0;
  }
  console.error(USAGE);
  return 2;
}

/** A new key, shown this once, and the entry for the cameras file, which holds only its hash. */
function newCamera(code: string) {
  if (!new RegExp(CODE_PATTERN).test(code)) {
    throw new AppError('INVALID_INPUT', 'A code has letters, digits, dots, dashes, underscores.');
  }
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
  const key_sha256 = new Bun.CryptoHasher('sha256').update(key).digest('hex');
  return { key, entry: { code, name: code, key_sha256 } };
}

/** What an edge would use and where it comes from, then what was found; of neither if the file is wrong. */
function printCheck({ findings, values }: CheckReport): void {
  const [first] = findings;
  if (first?.what === 'configuration' && first.level === 'wrong') {
    console.log(`${MARKS.wrong} configuration\n${first.finding}\n${first.hint ?? ''}`);
    return;
  }
  // The last column only where the running edge works with something else.
  const isOther = values.some(({ until_restart }) => until_restart !== null);
  printTable(
    ['setting', 'value', 'from', ...(isOther ? ['until it is restarted'] : [])],
    values.map(({ name, value, from, until_restart }) =>
      isOther ? [name, value, from, until_restart ?? ''] : [name, value, from],
    ),
  );
  console.log();
  printTable(['', 'what', 'finding', 'what to do'], findings.map(toCheckRow));
}

type Finding = CheckReport['findings'][number];
const MARKS = { ok: '✓', note: '·', wrong: '✗' } as const;

function toCheckRow({ level, what, finding, hint }: Finding): string[] {
  return [MARKS[level], what, finding, hint ?? ''];
}

function toReportRow([name, value]: [string, unknown]): string[] {
  return [name.replaceAll('_', ' '), String(value)];
}

function toPhotoRow(photo: ReturnType<typeof readPhotos>['photos'][number]): string[] {
  const verdict = photo.verdict;
  const reasons = verdict?.reasons.map(({ code }) => code).join(', ');
  return [
    photo.accepted_at,
    photo.photo_id.slice(0, 12),
    photo.camera,
    photo.state,
    verdict ? [verdict.result, reasons].filter(Boolean).join(': ') : '',
    photo.quarantined ?? photo.parked ?? photo.last_error ?? '',
  ];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`${error.code}: ${error.message} ${error.hint}`);
  process.exitCode = 1;
}
