import type { Shown } from './outcome.ts';

const HEADINGS = ['photo', 'verdict', 'place', 'count', 'batch'] as const;
const VERDICT_MAX = 60;

/** The results as people read them at the end. */
export function renderTable(results: readonly Shown[]): string {
  const rows = results.map((result) => [
    result.file,
    shorten(result.verdict || result.reason || result.state),
    result.location ?? '–',
    result.detected === null ? '–' : String(result.detected),
    result.batch ?? (result.state === 'completed' ? '–' : result.state),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        HEADINGS[column] === 'count'
          ? cell.padStart(widths[column]!)
          : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(HEADINGS), rule, ...rows.map(line)].join('\n');
}

function shorten(text: string): string {
  return text.length <= VERDICT_MAX ? text : `${text.slice(0, VERDICT_MAX - 1)}…`;
}
