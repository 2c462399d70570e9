import type { BulkClient } from './bulk-client.ts';
import { comparisonRow, EXIT, type Exit, plural, type Report, table } from './report.ts';
import { type ComparisonShape, toComparison } from './shapes.ts';

export const COMPARE_BY = ['photo', 'place', 'class'] as const;

export interface CompareWords {
  readonly by: (typeof COMPARE_BY)[number];
  readonly changedOnly: boolean;
  readonly csv: boolean;
}

const COLUMNS = ['photos', 'before', 'after', 'change', 'truth'] as const;

/** Prints the new counts beside the old ones and, where people counted, theirs. */
export async function compare(
  client: BulkClient,
  report: Report,
  id: string,
  { by, changedOnly, csv }: CompareWords,
): Promise<Exit> {
  const header = [by, ...COLUMNS];
  // For people all rows stand under each other, so they are kept; a million go out as CSV or JSON.
  const rows: (readonly string[])[] = [header];
  const sums = new Sums();
  if (csv) report.line('header', {}, header.join(','));
  let begun = false;
  // A comparison has no cursor: broken in the middle, it is asked for again by who wants it.
  const request = () =>
    begun ? undefined : { reprocessing_id: id, by, changed_only: changedOnly };
  for await (const message of client.follow('Compare', request)) {
    begun = true;
    const line = toComparison(message);
    sums.add(line);
    if (report.json) report.line('comparison', line, '');
    else if (csv) report.line('comparison', line, toCsv(comparisonRow(line)));
    else rows.push(comparisonRow(line));
  }
  if (csv) return EXIT.done;
  report.summary({ by, ...sums.shape() }, `${table(rows)}\n${sums.words()}`);
  return EXIT.done;
}

/** Over all lines; errors where there is a hand count: Σ |count − truth|. */
class Sums {
  readonly #sums = { lines: 0, before: 0, after: 0 };
  readonly #counted = { lines: 0, truth: 0, error_before: 0, error_after: 0 };

  add({ before, after, truth }: ComparisonShape): void {
    this.#sums.lines++;
    this.#sums.before += before;
    this.#sums.after += after;
    if (truth === null) return;
    this.#counted.lines++;
    this.#counted.truth += truth;
    this.#counted.error_before += Math.abs(before - truth);
    this.#counted.error_after += Math.abs(after - truth);
  }

  shape() {
    return { ...this.#sums, counted_by_hand: this.#counted };
  }

  words(): string {
    const { lines, before, after } = this.#sums;
    const hand = this.#counted;
    const sum = `${plural(lines, 'line')}: ${before} before, ${after} after`;
    if (hand.lines === 0) return `${sum}; no hand counts`;
    return `${sum}; beside ${plural(hand.lines, 'hand count')} of ${hand.truth}: off by ${hand.error_before} before, ${hand.error_after} after`;
  }
}

/** RFC 4180; what is not known is empty. */
function toCsv(row: readonly string[]): string {
  return row
    .map((cell) => (cell === '–' ? '' : cell))
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');
}
