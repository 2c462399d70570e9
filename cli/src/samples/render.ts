import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { SAMPLES, type Sample } from './catalogue.ts';
import { Random } from './random.ts';
import { photograph, plantsIn } from './scene.ts';
import { drawTag } from './tag.ts';

/** A place of the nursery as a sample may show it. */
export interface KnownPlace {
  readonly code: string;
  /** WGS 84 degrees. */
  readonly longitude: number;
  readonly latitude: number;
}

export interface SamplePhoto {
  readonly path: string;
  readonly file: string;
  readonly by: Sample['by'];
  /** Sent along by the camera. */
  readonly locationCode: string | undefined;
  /** Plants drawn; undefined where the file is no photo. */
  readonly truth: number | undefined;
}

const SEED = 20_260_321;
const TAG_SIDE = 128;

/**
 * Draws the samples one after the other into `folder`, each for a place of its own; what is there
 * already is kept. After the photos come three that cameras also send: one twice, one that
 * ends early, and one that is no photo.
 */
export async function* renderSamples(
  folder: string,
  places: readonly KnownPlace[],
): AsyncGenerator<SamplePhoto> {
  mkdirSync(folder, { recursive: true });
  const photos: SamplePhoto[] = [];
  for (const [index, sample] of SAMPLES.entries()) {
    const place = places[index];
    const path = join(folder, sample.file);
    const random = new Random(SEED + index);
    const scene = sample.scene(random);
    if (!existsSync(path)) {
      const picture = await photograph(scene, sample.camera, random);
      writeWhole(path, await develop(sample, picture, place));
    }
    const photo: SamplePhoto = {
      path,
      file: sample.file,
      by: sample.by,
      locationCode: sample.claim === 'named' ? place?.code : undefined,
      truth: plantsIn(scene),
    };
    photos.push(photo);
    yield photo;
  }
  const first = photos[0]!;
  const bytes = readFileSync(first.path);
  const rest: readonly (readonly [string, Uint8Array | string, number | undefined])[] = [
    ['sent-twice.jpg', bytes, first.truth],
    ['cut-off.jpg', bytes.subarray(0, bytes.length >> 1), undefined],
    ['not-a-photo.jpg', 'A note that somebody named like a photo.\n', undefined],
  ];
  for (const [file, content, truth] of rest) {
    const path = join(folder, file);
    if (!existsSync(path)) writeWhole(path, content);
    const locationCode = truth === undefined ? undefined : first.locationCode;
    yield { path, file, by: 'camera', locationCode, truth };
  }
}

async function develop(
  sample: Sample,
  { data, info }: Awaited<ReturnType<typeof photograph>>,
  place: KnownPlace | undefined,
): Promise<Buffer> {
  let image = sharp(data, { raw: info });
  if (place && sample.claim === 'tag') {
    const tag = await drawTag(place.code, TAG_SIDE);
    image = image.composite([{ input: tag, left: 10, top: 4 }]);
  }
  if (place && sample.claim === 'gps') image = image.withExif(gps(place));
  return await image.jpeg({ quality: sample.camera.quality }).toBuffer();
}

/** The position as EXIF has it: degrees, minutes and seconds as fractions. */
function gps({ longitude, latitude }: KnownPlace) {
  const dms = (value: number) => {
    const all = Math.abs(value);
    const minutes = (all % 1) * 60;
    const seconds = Math.round((minutes % 1) * 60 * 10_000);
    return `${Math.floor(all)}/1 ${Math.floor(minutes)}/1 ${seconds}/10000`;
  };
  return {
    IFD0: { Make: 'Demeter', Model: 'Sample camera' },
    IFD3: {
      GPSLatitudeRef: latitude < 0 ? 'S' : 'N',
      GPSLatitude: dms(latitude),
      GPSLongitudeRef: longitude < 0 ? 'W' : 'E',
      GPSLongitude: dms(longitude),
    },
  };
}

/** A sample that is half written would be taken for whole at the next start. */
function writeWhole(path: string, content: Uint8Array | string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}
