import { Presets, SingleBar } from 'cli-progress';
import { durationWords, Pace } from './pace.ts';
import { plural } from './report.ts';

export interface Step {
  readonly done: number;
  /** Undefined: not known. */
  readonly photos: number | undefined;
  /** A change of it is said at once: running, paused (budget), … */
  readonly state: string;
  /** What else is worth knowing: plants, failures. */
  readonly words: string;
}

/** Without a terminal: least time between two lines. */
const LINE_EVERY_MS = 10_000;

/** A bar on a terminal; lines now and then elsewhere. It writes to stderr. */
export class Progress {
  readonly #pace = new Pace();
  #bar: SingleBar | undefined;
  #lineAt = Number.NEGATIVE_INFINITY;
  #lineState = '';

  constructor(
    private readonly say: (line: string) => void,
    private readonly terminal = process.stderr.isTTY === true,
  ) {}

  show(step: Step): void {
    const now = performance.now();
    this.#pace.add(now, step.done);
    const rate = this.#pace.photosPerSecond;
    const left = step.photos === undefined ? undefined : this.#pace.secondsLeft(step.photos);
    const pace = [
      rate === undefined ? '' : `${rate.toFixed(1)}/s`,
      left === undefined || step.done === step.photos ? '' : `${durationWords(left)} left`,
      step.words,
      step.state === 'running' ? '' : step.state,
    ].filter(Boolean);
    if (this.terminal && step.photos !== undefined) {
      this.#bar ??= startBar(step.photos);
      this.#bar.setTotal(Math.max(step.photos, step.done));
      this.#bar.update(step.done, { pace: pace.join(' · ') });
      return;
    }
    const due = now - this.#lineAt >= LINE_EVERY_MS || step.done === step.photos;
    if (!due && step.state === this.#lineState) return;
    this.#lineAt = now;
    this.#lineState = step.state;
    const photos =
      step.photos === undefined
        ? plural(step.done, 'photo')
        : `${step.done} of ${plural(step.photos, 'photo')}`;
    this.say([photos, ...pace].join(' · '));
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

function startBar(total: number): SingleBar {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% · {value}/{total} photos · {pace}',
      stream: process.stderr,
      hideCursor: true,
      fps: 5,
      barsize: 24,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { pace: '' });
  return bar;
}
