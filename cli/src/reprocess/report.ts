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

export function planWords(plan: PlanShape): string {
  const estimate =
    plan.server_minutes > 0
      ? `${number(plan.tiles)} tiles, about ${number(Math.ceil(plan.server_minutes))} server-minutes`
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
    `  cost       ${given.server_minutes.toFixed(1)} server-minutes`,
    `  begun      ${given.created_at}${given.ended_at ? `, ended ${given.ended_at}` : ''}`,
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
    line.key,
    String(line.photos),
    String(line.before),
    String(line.after),
    change > 0 ? `+${change}` : String(change),
    line.truth === null ? '–' : String(line.truth),
  ];
}
