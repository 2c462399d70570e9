/** What a command says: lines for programs (`--json`) or for people. */
import type { ComparisonShape, PlanShape, ReprocessingShape } from './shapes.ts';

/** How a command ends (docs/reprocessing.md). */
export const EXIT = { done: 0, failed: 1, someFailed: 2, away: 3, stopped: 130 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export class Report {
  constructor(
    readonly json: boolean,
    private readonly out: (line: string) => void = (line) => console.log(line),
    private readonly err: (line: string) => void = (line) => console.error(line),
  ) {}

  /** One of many. */
  line(kind: string, value: object, words: string): void {
    this.out(this.json ? JSON.stringify({ kind, ...value }) : words);
  }

  /** The last line. */
  summary(value: object, words: string): void {
    this.line('summary', value, words);
  }

  /** Beside the output: never mixed with what a program reads. */
  say(words: string): void {
    this.err(words);
  }
}

const number = (value: number) => value.toLocaleString('en');

/** `1 photo`, `1,200 photos`. */
export function plural(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** One decimal, whatever it is of: an estimate, or what was spent. */
function serverMinutes(minutes: number, about = ''): string {
  if (minutes > 0 && minutes < 0.1) return 'under 0.1 server-minutes';
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${about}${minutes.toLocaleString('en', digits)} server-minutes`;
}

export function planWords(plan: PlanShape): string {
  const estimate =
    plan.server_minutes > 0
      ? `${plural(plan.tiles, 'tile')}, ${serverMinutes(plan.server_minutes, 'about ')}`
      : plan.photos <= plan.counted_already
        ? 'none'
        : 'not measured yet';
  return [
    `plan ${plan.plan_id} (until ${plan.expires_at})`,
    `  pipeline   ${plan.model}, digest ${plan.pipeline_digest.slice(0, 12)}`,
    `  photos     ${number(plan.photos)}; in the store ${number(plan.in_store)}`,
    `  to reuse   ${number(plan.counted_already)} counted with this pipeline already`,
    `  work       ${estimate}`,
    `  places     ${number(plan.places)} whose count could change`,
    ...plan.notes.map((note) => `  note       ${note}`),
  ].join('\n');
}

export function reprocessingWords(given: ReprocessingShape): string {
  const { photos, done, counted, reused, failed } = given;
  return [
    `${given.id}${given.name ? `  ${given.name}` : ''}`,
    `  state      ${stateWords(given)}`,
    `  pipeline   ${given.model}, digest ${given.pipeline_digest.slice(0, 12)}`,
    `  photos     ${number(done)} of ${number(photos)}: ${number(counted)} counted, ${number(reused)} reused, ${number(failed)} failed`,
    `  plants     ${number(given.plants_before)} before, ${number(given.plants_after)} after`,
    `  cost       ${serverMinutes(given.server_minutes)}`,
    `  begun      ${given.created_at}${given.ended_at ? `, ended ${given.ended_at}` : ''}`,
  ].join('\n');
}

/** What promoting did to photos and stock, and where a person decides. */
export function promotedWords(proposals: number, unchanged: number, refused: number): string {
  return [
    refused === 0
      ? 'The new counts are current.'
      : `The new counts are current, but for ${plural(refused, 'photo')} that the books refused.`,
    `${plural(proposals, 'adjustment')} of stock to be decided${proposals > 0 ? ': page → Stock → To be decided, or GET /api/v1/stock/proposals and POST …/ID/confirm or …/reject' : ''}.`,
    `${plural(unchanged, 'photo')} changed no stock: the place has that count, or the photo has no place (or one without a product), where its count alone is new.`,
  ].join('\n');
}

export function stateWords({ state, reason }: ReprocessingShape): string {
  return reason ? `${state} (${reason})` : state;
}

/** Columns under each other; numbers, told by their look, to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const cell = (text: string, column: number) =>
    /^[-+\d.,–]+$/.test(text) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

export function comparisonRow(line: ComparisonShape): readonly string[] {
  const change = line.after - line.before;
  return [
    line.key || '(no place)',
    String(line.photos),
    String(line.before),
    String(line.after),
    change > 0 ? `+${change}` : String(change),
    line.truth === null ? '–' : String(line.truth),
  ];
}
