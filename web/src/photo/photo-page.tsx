import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Photo } from '../api/shapes.ts';
import { describeState } from '../photos/photo-state.ts';
import { StateChip } from '../photos/state-chip.tsx';
import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { BoxControls } from './box-controls.tsx';
import { toBoxes } from './boxes.ts';
import { FactsPanel } from './facts-panel.tsx';
import { type PhotoData, photoData, photoProblem, readPhoto, showPhoto } from './photo-data.ts';
import { PlacePanel } from './place-panel.tsx';
import { ProductPanel } from './product-panel.tsx';
import { StockPanel } from './stock-panel.tsx';
import { VerdictPanel } from './verdict-panel.tsx';
import { pictureOf, Viewer } from './viewer.tsx';

export function PhotoPage({ photoId }: { readonly photoId: string }) {
  useEffect(() => showPhoto(photoId), [photoId]);
  const data = photoData.value;
  const problem = photoProblem.value;
  return (
    <>
      <a class="back" href={href({ page: 'photos', filter: 'all' })}>
        <Icon name="back" />
        {texts.photos.title}
      </a>
      {data && <Shown {...data} />}
      {problem && <Failed problem={problem} onRetry={() => void readPhoto()} />}
      {!data && !problem && <Loading label={texts.loading} />}
    </>
  );
}

function Shown({ photo, detections, movements }: PhotoData) {
  const shown = useSignal(true);
  const least = useSignal(0);
  const boxes = useComputed(() => {
    const current = photoData.value?.detections;
    return current ? toBoxes(current) : [];
  });
  const visible = useComputed(() =>
    shown.value ? boxes.value.filter(({ confidence }) => confidence >= least.value) : [],
  );
  const names = detections?.class_names ?? [];
  return (
    <div class="photo">
      <div class="photo-picture">
        <Viewer photo={photo} boxes={visible} names={names} />
        {boxes.value.length > 0 && pictureOf(photo)?.isOriginal && (
          <BoxControls shown={shown} least={least} boxes={boxes} visible={visible} names={names} />
        )}
      </div>
      <div class="photo-side">
        <Summary photo={photo} />
        <PlacePanel photo={photo} />
        <ProductPanel photo={photo} />
        <VerdictPanel photo={photo} />
        <StockPanel photo={photo} movements={movements} />
        <FactsPanel photo={photo} />
      </div>
    </div>
  );
}

function Summary({ photo }: { readonly photo: Photo }) {
  const state = describeState(photo);
  const { detected } = photo.session;
  return (
    <section class="panel summary">
      <StateChip state={state} />
      <h1 class="photo-name">{photo.file_name ?? texts.photos.unnamed}</h1>
      {detected !== null && (
        <p class="count count-big">
          <b>{texts.number(detected)}</b> {texts.plantsUnit(detected)}
        </p>
      )}
      {state.sentence && <p class={`tone-${state.tone}`}>{state.sentence}</p>}
      {photo.run?.capped && <p class="tone-wait">{texts.photo.capped}</p>}
    </section>
  );
}
