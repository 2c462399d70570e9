import { count, number } from './numbers.ts';

/** Photos: their list, one of them, sending some. */
export const photosTexts = {
  photos: {
    title: 'Photos',
    filterLabel: 'Which photos',
    filters: { all: 'All', waiting: 'Waiting for you', refused: 'Refused' },
    atPlace: (name: string) => `Only photos of ${name}`,
    showAll: 'Show all places',
    empty: 'No photos yet',
    emptyHint: 'Photos appear here as the cameras send them. You can also upload some.',
    emptyFiltered: 'Nothing here',
    emptyFilteredHint: 'No photo is in this state at the moment.',
    unnamed: 'Photo without a name',
    noPicture: 'No picture',
    progress: (done: number, all: number) =>
      `${number.format(done)} of ${number.format(all)} counted`,
    progressLabel: 'Photos of this list that are counted',
    placeUnknown: 'Place unknown',
    batch: (code: string) => `Batch ${code}`,
    noCount: 'Not counted yet',
  },

  /** State of a photo: a short label, and what it means for the reader. */
  states: {
    waiting: { label: 'Waiting', sentence: 'It will be counted in its turn.' },
    counting: { label: 'Counting', sentence: 'A server is counting the plants.' },
    counted: { label: 'Counted', sentence: '' },
    needsPlace: {
      label: 'Place needed',
      sentence: 'Counted. Say where it was taken, and it is booked.',
    },
    needsConfig: {
      label: 'Product needed',
      sentence: 'Counted. Its place has no product yet, so it is not booked.',
    },
    needsCalibration: {
      label: 'Calibration needed',
      sentence: 'Plant size is not known here yet.',
    },
    failed: { label: 'Not counted', sentence: 'Counting failed.' },
    refused: { label: 'Refused', sentence: 'The file cannot be read as a photo. Take it again.' },
    expired: { label: 'Expired', sentence: 'Its time of keeping is over; the counts remain.' },
    erased: { label: 'Erased', sentence: 'The photo was erased; the counts remain.' },
  },

  photo: {
    viewerLabel: 'Photo. Zoom with plus, minus and 0; move with the arrow keys.',
    boxes: 'Boxes',
    boxesShown: (shown: number, all: number) =>
      shown === all
        ? count(all, 'box', 'boxes')
        : `${number.format(shown)} of ${count(all, 'box', 'boxes')}`,
    confidence: 'Least confidence',
    percent: (share: number) => `${Math.round(share * 100)} %`,
    original: 'Open the original',
    overlayOnly: 'The photo itself cannot be shown here; this is the drawn result.',
    noPicture: 'The picture cannot be shown.',
    counted: 'Count',
    perClass: 'By kind',
    capped: 'More plants than the model may report in one view: the count is a lower bound.',
    verdict: 'Quality of the photo',
    verdicts: {
      good: 'Good: sharp and well lit.',
      poor: 'Poor. Take it again if you can.',
      undecodable: 'Cannot be read.',
    },
    notJudged: 'Not judged: it did not come through an edge box.',
    nearDuplicate: 'Looks like a photo taken just before.',
    place: 'Place',
    placeSources: {
      explicit: 'named with the photo',
      tag: 'read from the tag in the photo',
      gps: 'found by position',
      person: 'set by a person',
      camera: "the camera's place",
    },
    candidates: 'It may be one of these:',
    candidate: (name: string, metres: number | null) =>
      metres === null ? name : `${name}, ${number.format(Math.round(metres))} m away`,
    setPlace: 'Set the place',
    changePlace: 'Change the place',
    choosePlace: 'Choose a place…',
    save: 'Save',
    cancel: 'Cancel',
    product: 'What grows here',
    setProduct: 'Product of this place',
    chooseProduct: 'Choose a product…',
    productSaved: 'Saved; the count is booked.',
    productByAdmin: 'An administrator chooses the product of this place; then the count is booked.',
    placeSaved: (name: string) => `Place set to ${name}.`,
    stock: 'Stock',
    noMovement: 'Nothing booked from this photo yet.',
    batchHolds: (plants: string) => `holds ${plants} now`,
    facts: 'How it was counted',
    fact: {
      model: 'Model',
      provider: 'Ran on',
      server: 'Server',
      time: 'Time',
      pipeline: 'Pipeline',
      captured: 'Taken',
      clock: 'Clock',
      received: 'Received',
      sightings: 'Seen',
      recovered: 'Recovered',
      size: 'Size',
      id: 'SHA-256',
    },
    clock: {
      corrected: (said: string) => `The box's clock said ${said}; the time shown is corrected.`,
      implausible: (said: string) =>
        `The camera's clock said ${said}, which cannot be; the time shown is that of its arrival.`,
      order_only: "The box's clock was wrong; only the order of its photos is known.",
    },
    times: (n: number) => count(n, 'time', 'times'),
    recovered: 'Its box had to note it anew; who took it, and where, is not known.',
    seconds: (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`,
    pixels: (width: number, height: number) =>
      `${number.format(width)} × ${number.format(height)} px`,
    megabytes: (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`,
  },

  zoom: { in: 'Zoom in', out: 'Zoom out', reset: 'Show the whole' },

  upload: {
    open: 'Upload photos',
    title: 'Upload photos',
    drop: 'Drop photos here, or choose them',
    choose: 'Choose photos',
    accepted: 'JPEG, PNG, WebP or HEIC; 100 photos at a time',
    place: 'Taken at',
    placeAuto: 'Find the place by tag or position',
    waiting: 'waiting',
    sending: (share: number) => `${Math.round(share * 100)} %`,
    done: 'stored',
    known: 'known already',
    failed: 'refused',
    tooMany: (max: number) => `Only the first ${max} photos are taken at once.`,
    summary: (done: number, all: number) =>
      `${number.format(done)} of ${number.format(all)} stored`,
    clear: 'Clear the list',
  },
};
