import { ask, type Photo, type Problem } from '../api.ts';
import { noticeRefusal, session } from '../session.ts';
import { change, type Sending, sendings } from './sendings.ts';

const LOOK_MS = 600;
const LOOK_MS_MAX = 15_000;
/** Asked for in one round; the others have their turn when these are judged. */
const AT_ONCE = 4;

let looking = false;

/** Asks for the verdicts of photos on the box, the longest waiting first, until all are known. */
export async function awaitVerdicts(): Promise<void> {
  if (looking) return;
  looking = true;
  for (let rounds = 0; ; rounds++) {
    const judging = sendings.value.filter(({ phase }) => phase === 'judging').slice(-AT_ONCE);
    if (judging.length === 0) break;
    const before = sendings.value.filter(({ phase }) => phase === 'done').length;
    for (const each of judging) await look(each);
    if (sendings.value.filter(({ phase }) => phase === 'done').length > before) rounds = 0;
    const waitMs = Math.min(LOOK_MS_MAX, LOOK_MS * 1.2 ** rounds);
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
    const { status, isFinal } = error as Problem;
    if (status === 404 || isFinal) change(id, { phase: 'done' });
  }
}
