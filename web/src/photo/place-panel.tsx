import { useSignal } from '@preact/signals';
import { asProblem } from '../api/problem.ts';
import type { Photo } from '../api/shapes.ts';
import { PlaceSelect } from '../places/place-select.tsx';
import { findPlace } from '../places/places.ts';
import { href } from '../router.ts';
import { notify, notifyProblem } from '../shell/notice.ts';
import { may } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { setPlace } from './photo-data.ts';

/** Where the photo was taken, how that is known, and a way to say it. */
export function PlacePanel({ photo }: { readonly photo: Photo }) {
  const editing = useSignal(false);
  const { location, location_source: source } = photo;
  const sources: Readonly<Record<string, string>> = texts.photo.placeSources;
  const canChange = may('photos:write') && photo.state === 'stored';
  return (
    <section class="panel" aria-labelledby="place-title">
      <h2 id="place-title">{texts.photo.place}</h2>
      {location ? (
        <p class="place">
          <Icon name="pin" />
          <span>
            <a href={href({ page: 'map', locationId: location.id })}>{location.name}</a>{' '}
            <span class="quiet">{location.code}</span>
            {source && <span class="quiet place-source">{sources[source] ?? source}</span>}
          </span>
        </p>
      ) : (
        <p>{texts.photos.placeUnknown}</p>
      )}
      {canChange && (editing.value || !location) && (
        <PlaceForm photo={photo} onDone={() => (editing.value = false)} />
      )}
      {canChange && location && !editing.value && (
        <button
          type="button"
          class="button"
          onClick={() => {
            editing.value = true;
          }}
        >
          {texts.photo.changePlace}
        </button>
      )}
    </section>
  );
}

interface PlaceFormProps {
  readonly photo: Photo;
  readonly onDone: () => void;
}

function PlaceForm({ photo, onDone }: PlaceFormProps) {
  const chosen = useSignal('');
  const busy = useSignal(false);
  const save = async (locationId: string) => {
    busy.value = true;
    try {
      await setPlace(photo.photo_id, locationId);
      notify({ tone: 'good', text: texts.photo.placeSaved(findPlace(locationId)?.name ?? '') });
      onDone();
    } catch (error) {
      notifyProblem(asProblem(error));
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="place-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.value) void save(chosen.value);
      }}
    >
      {photo.location_candidates.length > 0 && (
        <fieldset class="candidates">
          <legend>{texts.photo.candidates}</legend>
          {photo.location_candidates.map(({ location, distance_m }) => (
            <button
              key={location.id}
              type="button"
              class="button"
              disabled={busy.value}
              onClick={() => void save(location.id)}
            >
              {texts.photo.candidate(location.name, distance_m)}
            </button>
          ))}
        </fieldset>
      )}
      <PlaceSelect
        label={texts.photo.setPlace}
        none={texts.photo.choosePlace}
        value={chosen.value}
        onChange={(id) => {
          chosen.value = id;
        }}
      />
      <div class="form-buttons">
        <button type="submit" class="button button-main" disabled={!chosen.value || busy.value}>
          {texts.photo.save}
        </button>
        {photo.location && (
          <button type="button" class="button button-quiet" onClick={onDone}>
            {texts.photo.cancel}
          </button>
        )}
      </div>
    </form>
  );
}
