/** The words of a plan: which photos, counted how, at what cost. */
import { readFile } from 'node:fs/promises';
import { AppError } from '@demeter/common/errors';
import { type Command, InvalidArgumentError } from 'commander';
import type { RequestOf } from './bulk-client.ts';

export type PhotoFilter = NonNullable<RequestOf<'Plan'>['filter']>;
export type CountOptions = NonNullable<RequestOf<'Plan'>['options']>;

export interface FilterWords {
  readonly place?: readonly string[];
  readonly polygon?: string;
  readonly from?: string;
  readonly before?: string;
  readonly product?: readonly string[];
  readonly state?: readonly string[];
  readonly countedWith?: string;
}

export interface CountWords {
  readonly model?: string;
  readonly tiling?: string;
  readonly confidence?: number;
}

export interface CostWords {
  readonly serverMinutes?: number;
  readonly deadline?: string;
  readonly hours?: string;
  readonly timeZone?: string;
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--place <code...>', 'photos of these locations, areas or warehouses')
    .option('--polygon <file>', 'photos inside the GeoJSON polygon in this file')
    .option('--from <time>', 'captured then or later: RFC 3339, or a day in UTC', parseTime)
    .option('--before <time>', 'captured before', parseTime)
    .option('--product <code...>', 'photos of these products')
    .option('--state <state...>', 'in these states: completed, needs_location, …')
    .option('--counted-with <model>', 'whose count was made with NAME or NAME/VERSION');
}

export function addCountOptions(command: Command): Command {
  return command
    .option('--model <name>', 'NAME or NAME/VERSION, or several with commas; without: as now')
    .option('--tiling <how>', 'manifest, auto, off, or PIXELS', parseTiling)
    .option('--confidence <score>', 'least score of a plant, 0..1', parseConfidence);
}

export function addCostOptions(command: Command): Command {
  return command
    .option('--server-minutes <n>', 'pause when so many are used', parsePositive)
    .option('--deadline <time>', 'pause at this moment: RFC 3339', parseTime)
    .option('--hours <from-to>', 'work in these hours only: 20:00-06:00', parseHours)
    .option('--time-zone <zone>', 'IANA zone of --hours', parseZone);
}

export async function toFilter(words: FilterWords): Promise<PhotoFilter> {
  return {
    places: [...(words.place ?? [])],
    polygon_geojson: words.polygon === undefined ? '' : await readPolygon(words.polygon),
    captured_from: words.from ?? '',
    captured_before: words.before ?? '',
    products: [...(words.product ?? [])],
    states: [...(words.state ?? [])],
    counted_with: words.countedWith ?? '',
  };
}

export function toCountOptions(words: CountWords & CostWords): CountOptions {
  return {
    model: words.model ?? '',
    tiling: words.tiling ?? '',
    ...(words.confidence === undefined ? {} : { confidence: words.confidence }),
    server_minutes_max: words.serverMinutes ?? 0,
    deadline: words.deadline ?? '',
    hours: words.hours ?? '',
    time_zone: words.timeZone ?? '',
  };
}

/** The geometry alone: programs that draw polygons save features, or collections of one. */
async function readPolygon(path: string): Promise<string> {
  const wrong = (why: string) =>
    new AppError('INVALID_INPUT', `--polygon ${path}: ${why}.`, {
      hint: 'It holds one GeoJSON polygon, longitude before latitude.',
    });
  let value: GeoJson;
  try {
    value = JSON.parse(await readFile(path, 'utf8')) as GeoJson;
  } catch (error) {
    throw wrong(error instanceof SyntaxError ? 'it is no JSON' : 'it cannot be read');
  }
  const features = value.type === 'FeatureCollection' ? value.features : [value];
  if (features?.length !== 1) throw wrong(`it holds ${features?.length ?? 0} features`);
  const [only] = features;
  const geometry = only?.type === 'Feature' ? only.geometry : only;
  if (geometry?.type !== 'Polygon') throw wrong(`it holds a ${geometry?.type ?? 'nothing'}`);
  return JSON.stringify(geometry);
}

interface GeoJson {
  readonly type?: string;
  readonly features?: readonly GeoJson[];
  readonly geometry?: GeoJson;
}

/** A day, or a moment with its zone: one without would mean another one on each machine. */
function parseTime(text: string): string {
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  const moment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const time = new Date(text);
  if ((day || moment) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError('It is like 2026-05-01 or 2026-05-01T18:00:00+02:00.');
}

function parseTiling(text: string): string {
  if (['manifest', 'auto', 'off'].includes(text) || /^[1-9]\d{1,4}$/.test(text)) return text;
  throw new InvalidArgumentError('It is manifest, auto, off, or a number of pixels.');
}

function parseConfidence(text: string): number {
  const score = Number(text);
  if (text !== '' && score >= 0 && score <= 1) return score;
  throw new InvalidArgumentError('It is a number from 0 to 1.');
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It is a number above 0.');
}

function parseHours(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/.test(text)) return text;
  throw new InvalidArgumentError('It is like 20:00-06:00.');
}

function parseZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('It is an IANA zone like Europe/Berlin.');
  }
}
