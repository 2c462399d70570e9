import { computed, signal } from '@preact/signals';
import { DetailedError, Upload } from 'tus-js-client';
import { ask, csrfHeaders, type Photo, Problem } from '../api.ts';
import { reached } from '../box-state.ts';
import { noticeRefusal } from '../session.ts';
import { texts } from '../texts.ts';
import { hashOf } from './hash.ts';

/**
 * Photos on their way from this phone.
 *
 * States of one: waiting → reading → sending ⇄ paused → judging → done; refused ends it anywhere.
 * Paused: the connection is lost, and is tried again until it is back; sending goes on where the
 * box has heard it last.
 */
export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly place: string;
  readonly phase: 'waiting' | 'reading' | 'sending' | 'paused' | 'judging' | 'done' | 'refused';
  /** 0–1 of the bytes. */
  readonly share: number;
  readonly photo: Photo | null;
  readonly problem: Problem | null;
}

/** More at once only makes each slower. */
const AT_ONCE = 2;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const VERDICT_LOOK_MS = 600;

export const sendings = signal<readonly Sending[]>([]);
export const underWay = computed(() =>
  sendings.value.some(({ phase }) => !['judging', 'done', 'refused'].includes(phase)),
);

const files = new Map<number, File>();
let nextId = 1;

export function addPhotos(chosen: readonly File[], place: string): void {
  const added = chosen.map((file): Sending => {
    const id = nextId++;
    files.set(id, file);
    return { id, name: file.name, place, phase: 'waiting', share: 0, photo: null, problem: null };
  });
  sendings.value = [...added.toReversed(), ...sendings.value];
  startNext();
}

/** Forgets what is done or refused. */
export function clearEnded(): void {
  sendings.value = sendings.value.filter(({ phase }) => phase !== 'done' && phase !== 'refused');
}

export function replacePhoto(id: number, photo: Photo): void {
  change(id, { photo });
}

function startNext(): void {
  const busy = sendings.value.filter(({ phase }) =>
    ['reading', 'sending', 'paused'].includes(phase),
  );
  const waiting = sendings.value.filter(({ phase }) => phase === 'waiting').toReversed();
  for (const each of waiting.slice(0, Math.max(0, AT_ONCE - busy.length))) void send(each);
}

async function send({ id, place }: Sending): Promise<void> {
  const file = files.get(id)!;
  change(id, { phase: 'reading' });
  let sha256: string;
  try {
    sha256 = await hashOf(file);
  } catch {
    end(id, { phase: 'refused', problem: new Problem(0, texts.shoot.unreadable) });
    return;
  }
  let tries = 0;
  const upload = new Upload(file, {
    endpoint: '/uploads',
    headers: csrfHeaders(),
    metadata: {
      filename: file.name,
      sha256,
      ...(place === '' ? {} : { location_code: place }),
      ...(file.lastModified > 0 ? { captured_at: new Date(file.lastModified).toISOString() } : {}),
    },
    // By its bytes, so that the same photo goes on after the page was closed, too.
    fingerprint: async () => `demeter-${sha256}-${place}`,
    removeFingerprintOnSuccess: true,
    // Trying again has no limit here.
    retryDelays: null as unknown as number[],
    onProgress: (sent, total) => {
      tries = 0;
      change(id, { phase: 'sending', share: sent / total });
    },
    onSuccess: () => {
      change(id, { phase: 'judging', share: 1 });
      files.delete(id);
      startNext();
      void awaitVerdict(id, sha256);
    },
    onError: (error) => {
      const problem = problemOf(error);
      if (isFinal(problem)) {
        noticeRefusal(problem);
        end(id, { phase: 'refused', problem });
        return;
      }
      change(id, { phase: 'paused' });
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++);
      wakeAfter(waitMs, () => upload.start());
    },
  });
  change(id, { phase: 'sending' });
  const [earlier] = await upload.findPreviousUploads();
  if (earlier) upload.resumeFromPreviousUpload(earlier);
  upload.start();
}

async function awaitVerdict(id: number, sha256: string): Promise<void> {
  for (;;) {
    try {
      const photo = await ask<Photo>(`/page/photos/${sha256}`);
      change(id, { photo });
      if (photo.state !== 'spooled') {
        change(id, { phase: 'done' });
        return;
      }
    } catch (error) {
      noticeRefusal(error);
      if (!(error instanceof Problem) || isFinal(error)) {
        change(id, { phase: 'done' });
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, VERDICT_LOOK_MS));
  }
}

/** After so long, or as soon as the box answers again. */
function wakeAfter(ms: number, run: () => void): void {
  let wasReached = true;
  const wake = () => {
    clearTimeout(timer);
    unsubscribe();
    run();
  };
  const timer = setTimeout(wake, ms);
  const unsubscribe = reached.subscribe((isReached) => {
    if (isReached && !wasReached) wake();
    wasReached = isReached;
  });
}

function problemOf(error: Error): Problem {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return new Problem(0, texts.lost.title);
  let body: unknown = null;
  try {
    body = JSON.parse(response.getBody());
  } catch {
    // Not from our box, or without words: the status says enough.
  }
  return Problem.of(response.getStatus(), body);
}

/** Trying again cannot help: the box has understood and refused. */
function isFinal({ status }: Problem): boolean {
  const passing = [0, 408, 409, 423, 429];
  return !passing.includes(status) && status < 500;
}

function end(id: number, fields: Partial<Sending>): void {
  files.delete(id);
  change(id, fields);
  startNext();
}

function change(id: number, fields: Partial<Sending>): void {
  sendings.value = sendings.value.map((each) => (each.id === id ? { ...each, ...fields } : each));
}
