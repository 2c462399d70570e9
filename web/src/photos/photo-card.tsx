import type { Photo } from '../api/shapes.ts';
import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { fullTime, now, timeAgo } from '../ui/time.ts';
import { fromHere } from './links.ts';
import { refreshPhoto } from './photo-list.ts';
import { describeState } from './photo-state.ts';
import { StateChip } from './state-chip.tsx';
import { readVerdict } from './verdict.ts';

export function PhotoCard({ photo }: { readonly photo: Photo }) {
  const state = describeState(photo);
  const verdict = readVerdict(photo.verdict);
  const poor = verdict?.result === 'good' ? undefined : verdict?.reasons[0]?.sentence;
  const sentence = state.sentence || poor;
  return (
    <li class="card">
      <a class="card-link" href={href({ page: 'photo', photoId: photo.photo_id })}>
        <Thumbnail photo={photo} />
        <div class="card-body">
          <div class="card-head">
            <StateChip state={state} />
            <time class="quiet" dateTime={photo.received_at} title={fullTime(photo.received_at)}>
              {timeAgo(photo.received_at, now.value)}
            </time>
          </div>
          {state.tone !== 'bad' && <Count detected={photo.session.detected} />}
          <span class="card-name">{photo.file_name ?? texts.photos.unnamed}</span>
          <span class={photo.location ? 'card-line' : 'card-line quiet'}>
            <Icon name="pin" size={16} />
            <span>{photo.location?.name ?? texts.photos.placeUnknown}</span>
          </span>
          {photo.batch && (
            <span class="card-line card-batch">
              <Icon name="batch" size={16} />
              <span>{photo.batch.code}</span>
            </span>
          )}
          {sentence && (
            <span class={`card-sentence tone-${poor ? 'wait' : state.tone}`}>{sentence}</span>
          )}
        </div>
      </a>
    </li>
  );
}

function Thumbnail({ photo }: { readonly photo: Photo }) {
  const link = photo.links.thumbnail;
  return (
    <div class="card-picture">
      {link ? (
        <img
          src={fromHere(link)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => refreshPhoto(photo.photo_id)}
        />
      ) : (
        <Icon name="photos" size={32} />
      )}
    </div>
  );
}

function Count({ detected }: { readonly detected: number | null }) {
  if (detected === null) return <span class="count count-none">{texts.photos.noCount}</span>;
  return (
    <span class="count">
      <b>{texts.number(detected)}</b> {texts.plantsUnit(detected)}
    </span>
  );
}
