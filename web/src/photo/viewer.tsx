import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { Photo } from '../api/shapes.ts';
import { fromHere } from '../photos/links.ts';
import { texts } from '../texts.ts';
import { ZoomFrame } from '../zoom/zoom-frame.tsx';
import { BoxLayer } from './box-layer.tsx';
import type { Box } from './boxes.ts';
import { readPhoto } from './photo-data.ts';

interface ViewerProps {
  readonly photo: Photo;
  readonly boxes: ReadonlySignal<readonly Box[]>;
  readonly names: readonly string[];
}

/** The photo under its boxes. */
export function Viewer({ photo, boxes, names }: ViewerProps) {
  const broken = useSignal('');
  const size = { width: photo.width ?? 4, height: photo.height ?? 3 };
  const picture = pictureOf(photo);
  const isBroken = picture?.link === broken.value;
  return (
    <ZoomFrame
      class="viewer"
      label={texts.photo.viewerLabel}
      ratio={size.width / size.height}
      over={
        <>
          {(!picture || isBroken) && <p class="viewer-text">{texts.photo.noPicture}</p>}
          {picture && !picture.isOriginal && (
            <figcaption class="viewer-text viewer-caption">{texts.photo.overlayOnly}</figcaption>
          )}
        </>
      }
    >
      {picture && !isBroken && (
        <img
          class="viewer-picture"
          src={picture.link}
          alt={photo.file_name ?? texts.photos.unnamed}
          draggable={false}
          onError={() => {
            broken.value = picture.link;
            // Links expire; the photo's answer carries new ones.
            void readPhoto();
          }}
        />
      )}
      {picture?.isOriginal && <BoxLayer boxes={boxes} names={names} {...size} />}
    </ZoomFrame>
  );
}

/** For HEIC, which browsers do not show, and expired originals the drawn result stands in. */
export function pictureOf({ links, media_type }: Photo) {
  if (links.original && !/heic|heif/.test(media_type)) {
    return { link: fromHere(links.original), isOriginal: true };
  }
  return links.overlay ? { link: fromHere(links.overlay), isOriginal: false } : undefined;
}
