/** Every word that people read. Another language is another object of the same shape. */

const number = new Intl.NumberFormat('en');
const count = (n: number, one: string, many: string) =>
  `${number.format(n)} ${n === 1 ? one : many}`;

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);

export const LOCALE = 'en';

export const texts = {
  product: 'Demeter',
  number: (n: number) => number.format(n),
  plants: (n: number) => count(n, 'plant', 'plants'),
  plantsUnit: (n: number) => (n === 1 ? 'plant' : 'plants'),
  unknown: '–',
  justNow: 'just now',

  nav: {
    label: 'Main',
    photos: 'Photos',
    photo: 'Photo',
    map: 'Map',
    stock: 'Stock',
    servers: 'Servers',
    boxes: 'Boxes',
  },
  skipToContent: 'Skip to content',
  back: 'Back',
  close: 'Close',
  tryAgain: 'Try again',
  loading: 'Loading…',
  loadMore: 'Show more',
  signOut: 'Sign out',
  signedInAs: (name: string) => `Signed in as ${name}`,

  live: {
    live: 'Live',
    connecting: 'Connecting…',
    lost: 'No connection',
    liveHint: 'New photos appear by themselves.',
    lostHint: 'Trying to reach the server again. What you see may be old.',
    noServers: 'No counting server is running. Photos are kept and wait for one.',
  },

  signIn: {
    title: 'Sign in',
    intro: 'Demeter counts the plants in your greenhouse photos and keeps the stock true.',
    how: 'You sign in with a one-time link. Ask your administrator for one, or make one on the server:',
    command: 'bun run demeter sign-in-link',
    howDemo: 'The demo prints such a link when it has started.',
    once: 'Open the link on this device. It works once.',
    busy: 'Signing you in…',
    failed: 'This link did not work',
    used: 'A link works once and for a short time. Ask for a new one.',
    done: (name: string) => `Welcome, ${name}.`,
  },

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
    seconds: (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`,
    pixels: (width: number, height: number) =>
      `${number.format(width)} × ${number.format(height)} px`,
    megabytes: (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`,
  },

  zoom: { in: 'Zoom in', out: 'Zoom out', reset: 'Show the whole' },

  movements: {
    photo: 'Counted from the photo',
    manual_init: 'Typed in',
    plant: 'Planted',
    sow: 'Sown',
    transplant: 'Transplanted',
    death: 'Died',
    sale: 'Sold',
    adjustment: 'Corrected',
  },
  signed: (n: number) => (n > 0 ? `+${number.format(n)}` : n < 0 ? `−${number.format(-n)}` : '0'),

  map: {
    title: 'Map',
    label: 'Map of the places. Zoom with plus, minus and 0; move with the arrow keys.',
    colourBy: 'Colour by',
    byPlants: 'Plants',
    byAge: 'Age of the count',
    warehouses: 'Greenhouses and fields',
    all: 'All',
    less: 'fewer',
    more: 'more',
    ages: { fresh: 'this week', aging: 'this month', old: 'older', never: 'never counted' },
    never: 'never counted',
    countedAgo: (ago: string) => `counted ${ago}`,
    area: (m2: number) => `${number.format(Math.round(m2))} m²`,
    showPhotos: 'Photos of this place',
    lastPhoto: 'Last photo',
    empty: 'No places yet',
    emptyHint: 'An administrator draws them, or `demeter seed` makes a small nursery.',
    kinds: {
      greenhouse: 'Greenhouse',
      shadehouse: 'Shade house',
      open_field: 'Open field',
      tunnel: 'Tunnel',
    },
    places: (n: number) => count(n, 'place', 'places'),
    nothing: 'nothing counted',
    zoomHint: 'Choose a place on the map or in the list.',
  },

  stock: {
    title: 'Stock',
    proposals: 'To be decided',
    proposalsHint: 'A new count differs from the books. Nothing changes until someone decides.',
    proposal: (current: number, counted: number) =>
      `Books say ${number.format(current)}, counted ${number.format(counted)}`,
    confirm: 'Confirm',
    reject: 'Reject',
    confirmed: (code: string) => `${code} corrected.`,
    rejected: (code: string) => `${code} left as it was.`,
    seePhoto: 'See the photo',
    batches: 'Batches',
    columns: {
      batch: 'Batch',
      product: 'Product',
      place: 'Place',
      plants: 'Plants',
      since: 'Since',
    },
    empty: 'No stock yet',
    emptyHint: 'The first count of a place that has a product makes its batch.',
    listed: (plants: string, batches: number) =>
      `${plants} in ${count(batches, 'batch', 'batches')}`,
  },

  servers: {
    title: 'Servers',
    queue: (waiting: number, leased: number) =>
      `${count(waiting, 'photo waits', 'photos wait')}, ${number.format(leased)} being counted`,
    ready: 'Ready',
    notReady: 'Not ready',
    empty: 'No counting server',
    emptyHint: 'Photos are kept and wait until one starts.',
    rates: (photos: number, tiles: number) =>
      `${photos.toFixed(1)} photos and ${tiles.toFixed(1)} tiles a second`,
    fact: {
      provider: 'Runs on',
      work: 'Work',
      speed: 'Speed',
      answers: 'A run takes',
      counted: 'Counted',
      lives: 'Since start',
    },
    memoryLabel: 'Memory',
    memoryOf: { vram: 'GPU memory', resident: 'Memory' },
    memory: (used: number, total: number, models: number) =>
      `${gigabytes(used)} of ${gigabytes(total)} GB, models ${gigabytes(models)}`,
    modelState: {
      unspecified: 'unknown',
      unloaded: 'not loaded',
      loading: 'loading',
      ready: 'ready',
      unloading: 'unloading',
      unavailable: 'unavailable',
    },
    pinned: 'pinned',
    megabytes: (bytes: number) => `${Math.round(bytes / 1e6)} MB`,
    usedAgo: (ago: string) => `used ${ago}`,
    work: (photos: number, queued: number) =>
      `${count(photos, 'photo', 'photos')} under way, ${number.format(queued)} in its queue`,
    speed: (tiles: number) => `${tiles.toFixed(1)} tiles a second`,
    answers: (median: number, slow: number) =>
      `${Math.round(median)} ms, one in twenty ${Math.round(slow)} ms or more`,
    counted: (done: number, failed: number) =>
      failed > 0
        ? `${count(done, 'photo', 'photos')}, ${number.format(failed)} failed`
        : count(done, 'photo', 'photos'),
    lives: (evictions: number, fallbacks: number, restarts: number) =>
      [
        evictions > 0 && count(evictions, 'model evicted', 'models evicted'),
        fallbacks > 0 && count(fallbacks, 'fallback', 'fallbacks'),
        restarts > 0 && count(restarts, 'restart', 'restarts'),
      ]
        .filter(Boolean)
        .join(', '),
  },

  boxes: {
    title: 'Boxes',
    listed: (boxes: number, alerts: number) =>
      [count(boxes, 'box', 'boxes'), alerts > 0 && count(alerts, 'alert', 'alerts')]
        .filter(Boolean)
        .join(' · '),
    empty: 'No boxes yet',
    emptyHint: 'Add one, and type its code in at the box.',
    columns: {
      name: 'Box',
      state: 'State',
      seen: 'Last seen',
      backlog: 'Photos waiting',
      oldest: 'Oldest of them',
      disk: 'Disk',
      version: 'Version',
      actions: 'Do',
    },
    states: {
      fine: 'In touch',
      old_credential: 'In touch, by token',
      waiting: 'Not yet here',
      alert: 'Needs you',
      revoked: 'Revoked',
    },
    alert: {
      silent: 'Not heard of for long',
      unsent: 'A photo waits too long',
      disk: 'Disk nearly full',
      clock: 'Clock is off',
    },
    clock: (ms: number) =>
      `${count(Math.round(Math.abs(ms) / 1000), 'second', 'seconds')} ${ms > 0 ? 'behind' : 'ahead'}`,
    alarm: (sentence: string) => `The box says: ${sentence}`,
    disk: (share: number) => `${Math.round(100 * share)} %`,
    never: 'never',
    code: 'Code',
    name: 'Name',
    add: 'Add a box',
    added: (code: string) => `${code} added.`,
    rename: 'Change the name',
    renamed: (name: string) => `Now called ${name}.`,
    makeCode: 'New code',
    codeMade: (name: string) => `${name} has a new code.`,
    codeFor: (box: string) => `One-time code of ${box}`,
    codeHint: 'Type it in at the box; it is shown only now.',
    codeUntil: (time: string) => `It works once, until ${time}.`,
    revoke: 'Revoke',
    revokeSure: (name: string) =>
      `Revoke ${name}? Nothing that it sends is taken any more; its photos stay on it.`,
    revoked: (name: string) => `${name} is revoked.`,
  },

  rollout: {
    title: (model: string) => `New version: ${model}`,
    progress: 'Photos compared',
    states: {
      shadow: 'Shadow',
      canary: 'Canary',
      promoted: 'Promoted',
      rolled_back: 'Rolled back',
    },
    sentence: {
      shadow: (stable: string, percent: number) =>
        `It counts ${percent} % of the photos beside ${stable}; nothing of it is booked.`,
      canary: (stable: string, percent: number) =>
        `It counts ${percent} % of the photos, and is booked there; ${stable} counts them beside it.`,
      promoted: (stable: string) => `It counts all new photos, instead of ${stable}.`,
      rolled_back: (stable: string) => `${stable} counts all new photos.`,
    },
    compared: (done: number, wanted: number) =>
      `${number.format(done)} of ${number.format(wanted)} photos compared`,
    drift: (share: number) =>
      `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(1)} % plants`,
    time: (ratio: number) => `${ratio.toFixed(2)} × the time`,
    ready: 'Ready to be promoted',
    onTrial: (phase: string) => `on trial (${phase})`,
  },

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

  unreachable: 'The server cannot be reached.',
  unreachableHint: 'Check the network; the page tries again by itself.',
  failedWithStatus: (status: number) => `The server answered ${status}.`,
  failedHere: 'Something went wrong in the page.',
  reloadHint: 'Reload the page.',
};
