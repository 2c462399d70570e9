import { findPlace } from '../places/places.ts';
import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { now, timeAgo } from '../ui/time.ts';

/** What is known of the chosen place. */
export function PlaceDetail({ locationId }: { readonly locationId: string | undefined }) {
  const place = locationId ? findPlace(locationId) : undefined;
  if (!place) return <p class="quiet map-hint">{texts.map.zoomHint}</p>;
  const { name, code, area_m2, plants, product, last_count } = place;
  return (
    <section class="panel place-detail" aria-label={name}>
      <div>
        <h2>{name}</h2>
        <p class="quiet">
          {[code, texts.map.area(area_m2), product?.common_name].filter(Boolean).join(' · ')}
        </p>
      </div>
      <p class="count">
        <b>{texts.number(plants)}</b> {texts.plantsUnit(plants)}
        <span class="quiet place-source">
          {last_count ? texts.map.countedAgo(timeAgo(last_count.at, now.value)) : texts.map.never}
        </span>
      </p>
      <div class="form-buttons">
        <a class="button" href={href({ page: 'photos', filter: 'all', locationId: place.id })}>
          {texts.map.showPhotos}
        </a>
        {last_count && (
          <a class="button" href={href({ page: 'photo', photoId: last_count.photo_id })}>
            {texts.map.lastPhoto}
          </a>
        )}
      </div>
    </section>
  );
}
