import { useEffect } from 'preact/hooks';
import { placeName, readPlaces } from '../places/places.ts';
import { href, PHOTO_FILTERS, type PhotoFilter } from '../router.ts';
import { may } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { UploadButton } from '../upload/upload-button.tsx';
import { UploadList } from '../upload/upload-list.tsx';
import { PhotoCard } from './photo-card.tsx';
import { photos, problem, reloadPhotos, rest, showMore, showPhotos } from './photo-list.ts';
import { isUnderWay } from './photo-state.ts';

interface PhotosProps {
  readonly filter: PhotoFilter;
  readonly locationId?: string | undefined;
}

export function PhotosPage({ filter, locationId }: PhotosProps) {
  useEffect(() => showPhotos({ filter, locationId }), [filter, locationId]);
  useEffect(() => {
    if (locationId) void readPlaces();
  }, [locationId]);
  return (
    <>
      <div class="page-head">
        <h1>{texts.photos.title}</h1>
        {may('photos:write') && <UploadButton />}
      </div>
      <UploadList />
      <Filters filter={filter} locationId={locationId} />
      {locationId && (
        <p class="filter-place">
          <span>{texts.photos.atPlace(placeName(locationId))}</span>
          <a href={href({ page: 'photos', filter })}>{texts.photos.showAll}</a>
        </p>
      )}
      <Progress />
      <List filter={filter} locationId={locationId} />
    </>
  );
}

function Filters({ filter, locationId }: PhotosProps) {
  const at = locationId ? { locationId } : {};
  return (
    <nav class="segments" aria-label={texts.photos.filterLabel}>
      {PHOTO_FILTERS.map((name) => (
        <a
          key={name}
          class="segment"
          href={href({ page: 'photos', filter: name, ...at })}
          aria-current={name === filter ? 'true' : undefined}
        >
          {texts.photos.filters[name]}
        </a>
      ))}
    </nav>
  );
}

/** Shown while something is being counted. */
function Progress() {
  const all = photos.value ?? [];
  const open = all.filter(isUnderWay).length;
  if (open === 0) return null;
  const done = all.length - open;
  return (
    <div class="progress">
      <progress value={done} max={all.length} aria-label={texts.photos.progressLabel} />
      <span>{texts.photos.progress(done, all.length)}</span>
    </div>
  );
}

function List(query: PhotosProps) {
  const shown = photos.value;
  if (problem.value && !shown) {
    return <Failed problem={problem.value} onRetry={reloadPhotos} />;
  }
  if (!shown) return <Loading label={texts.loading} />;
  if (shown.length === 0) {
    const { empty, emptyHint, emptyFiltered, emptyFilteredHint } = texts.photos;
    const filtered = query.filter !== 'all' || query.locationId;
    return (
      <Empty
        title={filtered ? emptyFiltered : empty}
        hint={filtered ? emptyFilteredHint : emptyHint}
      />
    );
  }
  return (
    <>
      <ul class="cards">
        {shown.map((photo) => (
          <PhotoCard key={photo.photo_id} photo={photo} />
        ))}
      </ul>
      {rest.value && (
        <button type="button" class="button more" onClick={() => void showMore(query)}>
          {texts.loadMore}
        </button>
      )}
    </>
  );
}
