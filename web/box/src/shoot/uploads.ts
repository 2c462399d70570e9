import { DetailedError, Upload } from 'tus-js-client';
import { ask, csrfHeaders, Problem } from '../api.ts';
import { reached } from '../box-state.ts';
import { noticeRefusal, resume, session } from '../session.ts';
import { texts } from '../texts.ts';
import { hashOf } from './hash.ts';
import { type ChosenPhoto, forgetPhoto, isKept, keepPhoto, keptPhotos } from './kept-photos.ts';
import { change, type Sending, sendings } from './sendings.ts';
import { awaitVerdicts } from './verdicts.ts';

/** More at once only makes each slower. */
const AT_ONCE = 2;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
/** A line on which nothing moves for so long is dead, whatever the phone believes. */
const STALLED_MS = 45_000;

interface Held {
  readonly photo: ChosenPhoto;
  /** Under which the browser keeps it; null: it does not. */
  readonly key: Promise<number | null>;
}

/** Until the box has them, or somebody clears them away. */
const held = new Map<number, Held>();
let nextId = 1;
/** What was kept before is read first, so that nothing that is chosen now is taken for it. */
let reading = Promise.resolve();

export function addPhotos(files: readonly File[], place: string): void {
  enlist(
    files.map((file) => {
      const photo = { file, name: file.name, takenAt: file.lastModified, place };
      return { photo, key: reading.then(() => keepPhoto(photo)) };
    }),
  );
}

/** Takes up what was not sent when this page was closed. */
export async function resumeKept(): Promise<void> {
  const kept = keptPhotos().catch(() => []);
  reading = kept.then(() => {});
  enlist((await kept).map(([key, photo]) => ({ photo, key: Promise.resolve(key) })));
}

/** Forgets what is done or refused. */
export function clearEnded(): void {
  const hasEnded = ({ phase }: Sending) => phase === 'done' || phase === 'refused';
  for (const { id } of sendings.value.filter(hasEnded)) void forget(id);
  sendings.value = sendings.value.filter((each) => !hasEnded(each));
}

interface Enlisted {
  readonly photo: ChosenPhoto;
  readonly key: Promise<number>;
}

function enlist(photos: readonly Enlisted[]): void {
  const added = photos.map(({ photo, key }): Sending => {
    const id = nextId++;
    held.set(id, { photo, key: noteKept(id, key) });
    return {
      ...{ id, name: photo.name, place: photo.place, sha256: '', phase: 'waiting', share: 0 },
      ...{ photo: null, problem: null, kept: null },
    };
  });
  sendings.value = [...added.toReversed(), ...sendings.value];
  startNext();
}

async function noteKept(id: number, key: Promise<number>): Promise<number | null> {
  try {
    await key;
    change(id, { kept: 'yes' });
    return await key;
  } catch (error) {
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    change(id, { kept: isFull ? 'full' : 'no' });
    return null;
  }
}

/** Where that fails it is sent once more when the page is opened: one more sighting, no harm. */
async function forget(id: number): Promise<void> {
  const key = await held.get(id)?.key;
  held.delete(id);
  if (key != null) await forgetPhoto(key).catch(() => {});
}

/** Another tab of this phone was faster: it is kept no more, and the box has it. */
async function isSentElsewhere(key: number | null, sha256: string): Promise<boolean> {
  if (key === null || (await isKept(key).catch(() => true))) return false;
  return await ask(`/page/photos/${sha256}`).then(
    () => true,
    () => false,
  );
}

function startNext(): void {
  if (session.value.state !== 'in') return;
  const busy = sendings.value.filter(({ phase }) =>
    ['reading', 'sending', 'paused'].includes(phase),
  );
  const waiting = sendings.value.filter(({ phase }) => phase === 'waiting').toReversed();
  for (const each of waiting.slice(0, Math.max(0, AT_ONCE - busy.length))) void send(each);
}

session.subscribe(startNext);

async function send({ id }: Sending): Promise<void> {
  const { photo, key } = held.get(id)!;
  const { file, name, takenAt, place } = photo;
  change(id, { phase: 'reading' });
  let sha256: string;
  try {
    sha256 = await hashOf(file);
  } catch {
    end(id, { phase: 'refused', problem: new Problem(0, texts.shoot.unreadable) });
    return;
  }
  if (await isSentElsewhere(await key, sha256)) return arrived(id, sha256);
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
      filename: name,
      sha256,
      ...(place === '' ? {} : { location_code: place }),
      ...(takenAt > 0 ? { captured_at: new Date(takenAt).toISOString() } : {}),
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
      arrived(id, sha256);
    },
    onError: (error) => {
      const problem = problemOf(error);
      noticeRefusal(problem);
      // Another tab has paired anew: this page learns the session's token.
      if (problem.status === 403) void resume();
      if (!problem.isFinal) return pause(problem.retryAfterSeconds * 1000);
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

/** The box has every byte of it. */
function arrived(id: number, sha256: string): void {
  change(id, { phase: 'judging', share: 1, sha256 });
  void forget(id);
  startNext();
  void awaitVerdicts();
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

function end(id: number, fields: Partial<Sending>): void {
  change(id, fields);
  startNext();
}
