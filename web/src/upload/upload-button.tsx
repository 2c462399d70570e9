import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { PlaceSelect } from '../places/place-select.tsx';
import { notify } from '../shell/notice.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { addUploads, UPLOADS_MAX } from './uploads.ts';

const TYPES = 'image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif';

/** Opens the dialog in which photos are chosen or dropped. */
export function UploadButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="button button-main" onClick={() => dialog.current?.showModal()}>
        <Icon name="upload" />
        {texts.upload.open}
      </button>
      <dialog ref={dialog} class="dialog panel" aria-label={texts.upload.title}>
        <Chooser onDone={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

function Chooser({ onDone }: { readonly onDone: () => void }) {
  const locationId = useSignal('');
  const over = useSignal(false);
  const take = (files: FileList | null | undefined) => {
    if (!files || files.length === 0) return;
    const left = addUploads([...files], locationId.value);
    if (left > 0) notify({ tone: 'bad', text: texts.upload.tooMany(UPLOADS_MAX) });
    onDone();
  };
  return (
    <>
      <div class="dialog-head">
        <h2>{texts.upload.title}</h2>
        <button
          type="button"
          class="button button-quiet button-icon"
          aria-label={texts.close}
          onClick={onDone}
        >
          <Icon name="close" />
        </button>
      </div>
      <PlaceSelect
        label={texts.upload.place}
        none={texts.upload.placeAuto}
        value={locationId.value}
        onChange={(id) => {
          locationId.value = id;
        }}
      />
      <label
        class={over.value ? 'drop drop-over' : 'drop'}
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
        <Icon name="photos" size={32} />
        <strong>{texts.upload.drop}</strong>
        <span class="quiet">{texts.upload.accepted}</span>
        <input
          class="visually-hidden"
          type="file"
          accept={TYPES}
          multiple
          aria-label={texts.upload.choose}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
      </label>
    </>
  );
}
