import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../../src/ui/icon.tsx';
import { now } from '../box-state.ts';
import { texts } from '../texts.ts';
import { choosePlace, forgetOldPlace, type Place, place, stay } from './place.ts';
import { PlacePicker } from './place-picker.tsx';
import { UploadList } from './upload-list.tsx';
import { addPhotos } from './uploads.ts';

/** The page's first view: the place first, then photos. */
export function ShootPage() {
  // With each look at the box, so also when the phone comes out of the pocket.
  useSignalEffect(() => {
    if (now.value > 0) forgetOldPlace();
  });
  const chosen = place.value;
  return (
    <div class="shoot">
      {chosen === null ? <PlacePicker /> : <Camera chosen={chosen} />}
      <UploadList />
    </div>
  );
}

function Camera({ chosen: { code, name } }: { readonly chosen: Place }) {
  const over = useSignal(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that chose the place is gone: keyboards and screen readers go on here.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  const take = (files: FileList | null | undefined) => {
    if (!files || files.length === 0) return;
    addPhotos([...files], code);
    stay();
  };
  return (
    <section
      class={over.value ? 'panel camera camera-over' : 'panel camera'}
      aria-label={texts.nav.shoot}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        take(event.dataTransfer?.files);
      }}
    >
      <div class="here">
        <Icon name="pin" size={32} />
        <div class="here-words">
          <span class="quiet">{texts.shoot.place}</span>
          <h1 ref={heading} tabIndex={-1}>
            {code === '' ? texts.shoot.noPlace : code}
          </h1>
          {name !== null && name !== code && <span class="quiet">{name}</span>}
        </div>
        <button type="button" class="button" onClick={() => choosePlace(null)}>
          {texts.shoot.change}
        </button>
      </div>
      {code === '' && <p class="quiet">{texts.shoot.noPlaceHint}</p>}
      <Picker icon="camera" label={texts.shoot.take} capture onChosen={take} />
      <Picker icon="gallery" label={texts.shoot.gallery} onChosen={take} />
      <p class="quiet drop-hint">{texts.shoot.drop}</p>
    </section>
  );
}

interface PickerProps {
  readonly icon: 'camera' | 'gallery';
  readonly label: string;
  /** Opens the phone's camera and not its photos. */
  readonly capture?: boolean;
  readonly onChosen: (files: FileList | null) => void;
}

function Picker({ icon, label, capture = false, onChosen }: PickerProps) {
  return (
    <label class={capture ? 'button button-main big' : 'button big'}>
      <Icon name={icon} size={32} />
      {label}
      <input
        class="visually-hidden"
        type="file"
        accept="image/*,.heic,.heif"
        multiple
        aria-label={label}
        {...(capture ? { capture: 'environment' } : {})}
        onChange={(event) => {
          onChosen(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </label>
  );
}
