import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../../src/ui/icon.tsx';
import { ask, type Photo, Problem, previewOf } from '../api.ts';
import { now } from '../box-state.ts';
import { noticeRefusal } from '../session.ts';
import { texts } from '../texts.ts';
import { agoOf } from '../time.ts';
import { SendAnyway } from '../ui/send-anyway.tsx';
import { Reasons, VerdictChip } from '../ui/verdict.tsx';

type Show = 'all' | 'rejected';

const REFRESH_MS = 10_000;

interface Answer {
  readonly photos: readonly Photo[];
  readonly next: string | null;
}

/** What the box holds and knows, newest first. */
export function PhotosPage() {
  const show = useSignal<Show>('all');
  return (
    <>
      <div class="page-head">
        <h1>{texts.photos.title}</h1>
        <fieldset class="segments" aria-label={texts.photos.filter}>
          {(['all', 'rejected'] as const).map((name) => (
            <button
              key={name}
              type="button"
              class="segment"
              aria-pressed={show.value === name}
              onClick={() => {
                show.value = name;
              }}
            >
              {texts.photos[name]}
            </button>
          ))}
        </fieldset>
      </div>
      <List key={show.value} show={show.value} />
    </>
  );
}

function List({ show }: { readonly show: Show }) {
  const photos = useSignal<readonly Photo[] | null>(null);
  const next = useSignal<string | null>(null);
  const problem = useSignal<string>('');
  const seenAt = useRef(now.peek());
  const load = async (after: string | null) => {
    problem.value = '';
    try {
      const query = new URLSearchParams({ show, ...(after ? { after } : {}) });
      const answer = await ask<Answer>(`/page/photos?${query}`);
      photos.value = [...(after ? (photos.value ?? []) : []), ...answer.photos];
      next.value = answer.next;
    } catch (error) {
      noticeRefusal(error);
      problem.value = error instanceof Problem ? error.message : String(error);
    }
  };
  useEffect(() => void load(null), []);
  // What has come or was judged since: looked for with every few looks at the box.
  useSignalEffect(() => {
    if (now.value - seenAt.current < REFRESH_MS) return;
    seenAt.current = now.value;
    void refresh();
  });
  const refresh = async () => {
    const answer = await ask<Answer>(`/page/photos?${new URLSearchParams({ show })}`).catch(
      () => null,
    );
    if (answer === null || photos.peek() === null) return;
    const older = olderThan(answer, photos.peek() ?? []);
    photos.value = [...answer.photos, ...older];
    if (older.length === 0) next.value = answer.next;
  };
  const replace = (fresh: Photo) => {
    photos.value = (photos.value ?? []).map((photo) =>
      photo.photo_id === fresh.photo_id ? fresh : photo,
    );
  };
  if (problem.value) {
    return (
      <div class="state" role="alert">
        <Icon name="warning" size={40} />
        <strong>{problem.value}</strong>
        <button type="button" class="button" onClick={() => void load(null)}>
          {texts.tryAgain}
        </button>
      </div>
    );
  }
  if (photos.value === null) return <p role="status">{texts.loading}</p>;
  if (photos.value.length === 0) return <Nothing show={show} />;
  return (
    <>
      <ul class="cards">
        {photos.value.map((photo) => (
          <Card key={photo.photo_id} photo={photo} onChange={replace} />
        ))}
      </ul>
      {next.value && (
        <button type="button" class="button more" onClick={() => void load(next.value)}>
          {texts.photos.more}
        </button>
      )}
    </>
  );
}

/** Of those shown, those that come after the newest ones. */
function olderThan({ photos, next }: Answer, shown: readonly Photo[]): readonly Photo[] {
  const last = photos.at(-1);
  const at = shown.findIndex(({ photo_id }) => photo_id === last?.photo_id);
  return next === null || at < 0 ? [] : shown.slice(at + 1);
}

function Nothing({ show }: { readonly show: Show }) {
  const { none, noneHint, noneRejected, noneRejectedHint } = texts.photos;
  const isAll = show === 'all';
  return (
    <div class="state">
      <Icon name={isAll ? 'camera' : 'check'} size={40} />
      <strong>{isAll ? none : noneRejected}</strong>
      <span>{isAll ? noneHint : noneRejectedHint}</span>
    </div>
  );
}

interface CardProps {
  readonly photo: Photo;
  readonly onChange: (photo: Photo) => void;
}

function Card({ photo, onChange }: CardProps) {
  const { place, camera, accepted_at, count } = photo;
  return (
    <li class="panel card">
      <Picture photo={photo} />
      <div class="card-words">
        <div class="sending-line">
          <strong class="sending-name">{place ?? camera}</strong>
          <VerdictChip photo={photo} />
        </div>
        <p class="quiet">{texts.photos.by(camera, agoOf(accepted_at, now.value))}</p>
        {count && <p>{texts.photos.provisional(count.value)}</p>}
        <Reasons photo={photo} />
        <p class="quiet">{stateOf(photo)}</p>
        <SendAnyway photo={photo} onSent={onChange} />
      </div>
    </li>
  );
}

export function Picture({ photo }: { readonly photo: Photo }) {
  if (!photo.has_preview) {
    return (
      <span class="picture picture-empty">
        <Icon name="picture" size={40} />
      </span>
    );
  }
  const alt = texts.photos.alt(photo.place);
  return <img class="picture" src={previewOf(photo)} alt={alt} loading="lazy" />;
}

function stateOf({ state, parked }: Photo): string {
  if (parked) return texts.state.parked;
  if (state === 'rejected_kept') return texts.state.held;
  if (state === 'resolved') return texts.state.resolved;
  const isSent = ['stored', 'verified', 'evicted'].includes(state);
  return isSent ? texts.state.sent : texts.state.waits;
}
