import { computed, signal } from '@preact/signals';
import { DetailedError, Upload } from 'tus-js-client';
import { ask, csrfHeaders, type Photo, Problem } from '../api.ts';
import { reached } from '../box-state.ts';
import { noticeRefusal, resume, session } from '../session.ts';
import { texts } from '../texts.ts';
import { hashOf } from './hash.ts';

/**
 * Photos on their way from this phone.
 *
 * States of one: waiting → reading → sending ⇄ paused → judging → done; refused ends it anywhere.
 * Paused: the connection or the session is lost, and it is tried again until that is back; sending
 * goes on where the box has heard it last. Only the box's own word on the photo refuses it: this
 * page may hold the only copy.
 */
export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly place: string;
  /** Hex; '' until it was read. */
  readonly sha256: string;
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
/** A line on which nothing moves for so long is dead, whatever the phone believes. */
const STALLED_MS = 45_000;
const VERDICT_LOOK_MS = 600;
/** Asked for in one round; the others have their turn when these are judged. */
const VERDICTS_AT_ONCE = 4;

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
    return {
      ...{ id, name: file.name, place, sha256: '' },
      ...{ phase: 'waiting', share: 0, photo: null, problem: null },
    };
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
  const begin = () => {
    // Those of the session that stands now.
    upload.options.headers = csrfHeaders();
    watch();
    upload.start();
  };
  const pause = (leastMs = 0) => {
    clearTimeout(stalled);
    change(id, { phase: 'paused' });
    wakeAfter(Math.max(leastMs, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++)), begin);
  };
  let stalled: ReturnType<typeof setTimeout>;
  const watch = () => {
    clearTimeout(stalled);
    stalled = setTimeout(() => void upload.abort().finally(pause), STALLED_MS);
  };
  const upload = new Upload(file, {
    endpoint: '/uploads',
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
      watch();
      change(id, { phase: 'sending', share: sent / total });
    },
    onSuccess: () => {
      clearTimeout(stalled);
      change(id, { phase: 'judging', share: 1 });
      files.delete(id);
      startNext();
      void awaitVerdicts();
    },
    onError: (error) => {
      const problem = problemOf(error);
      noticeRefusal(problem);
      // Another tab has paired anew: this page learns the session's token.
      if (problem.status === 403) void resume();
      if (!isFinal(problem)) return pause(problem.retryAfterSeconds * 1000);
      clearTimeout(stalled);
      end(id, { phase: 'refused', problem });
    },
  });
  change(id, { phase: 'sending', sha256 });
  // Where the browser remembers nothing it begins anew.
  const [earlier] = await upload.findPreviousUploads().catch(() => []);
  if (earlier) upload.resumeFromPreviousUpload(earlier);
  begin();
}

let looking = false;

/** Asks for the verdicts of photos on the box, the longest waiting first, until all are known. */
async function awaitVerdicts(): Promise<void> {
  if (looking) return;
  looking = true;
  for (let rounds = 0; ; rounds++) {
    const judging = sendings.value
      .filter(({ phase }) => phase === 'judging')
      .slice(-VERDICTS_AT_ONCE);
    if (judging.length === 0) break;
    const before = sendings.value.filter(({ phase }) => phase === 'done').length;
    for (const each of judging) await look(each);
    if (sendings.value.filter(({ phase }) => phase === 'done').length > before) rounds = 0;
    const waitMs = Math.min(LONGEST_WAIT_MS, VERDICT_LOOK_MS * 1.2 ** rounds);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  looking = false;
}

async function look({ id, sha256 }: Sending): Promise<void> {
  if (session.value.state !== 'in') return;
  try {
    const photo = await ask<Photo>(`/page/photos/${sha256}`);
    change(id, { photo, ...(photo.state === 'spooled' ? {} : { phase: 'done' }) });
  } catch (error) {
    noticeRefusal(error);
    const { status } = error as Problem;
    if (status === 404 || isFinal(error as Problem)) change(id, { phase: 'done' });
  }
}

/** After so long or as soon as the box answers again, once this phone is paired. */
function wakeAfter(ms: number, run: () => void): void {
  let wasReached = true;
  let isTime = false;
  const ends = [
    reached.subscribe((isReached) => {
      if (isReached && !wasReached) isTime = true;
      wasReached = isReached;
      wake();
    }),
    session.subscribe(wake),
  ];
  const timer = setTimeout(() => {
    isTime = true;
    wake();
  }, ms);
  function wake() {
    if (!isTime || session.value.state !== 'in') return;
    isTime = false;
    clearTimeout(timer);
    for (const end of ends) end();
    run();
  }
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
  return Problem.of(response.getStatus(), body, Number(response.getHeader('retry-after') ?? 0));
}

/** Statuses that pass: no session, no such upload any more, too much at once. */
const PASSING = new Set([401, 403, 404, 408, 409, 423, 429]);

/** Trying again cannot help: the box itself, and no login page of some Wi-Fi, has refused. */
function isFinal({ status, code }: Problem): boolean {
  return code !== '' && !PASSING.has(status) && status < 500;
}

function end(id: number, fields: Partial<Sending>): void {
  files.delete(id);
  change(id, fields);
  startNext();
}

function change(id: number, fields: Partial<Sending>): void {
  sendings.value = sendings.value.map((each) => (each.id === id ? { ...each, ...fields } : each));
}
