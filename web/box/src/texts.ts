/** Every word that people read on the box's page. Another language is another such object. */

export const LOCALE = 'en';

const number = new Intl.NumberFormat(LOCALE);
const count = (n: number, one: string, many: string) =>
  `${number.format(n)} ${n === 1 ? one : many}`;

export const texts = {
  product: 'Demeter',
  box: 'Demeter box',
  loading: 'Loading…',
  tryAgain: 'Try again',
  close: 'Close',
  skip: 'Skip to content',
  nav: { label: 'Main', shoot: 'Take photos', photos: 'Photos', box: 'Box' },
  justNow: 'just now',
  plants: (n: number) => count(n, 'plant', 'plants'),
  gigabytes: (bytes: number) =>
    bytes < 1e8 ? `${number.format(Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`,

  lost: {
    title: 'No connection to the box',
    hint: 'Check the Wi-Fi. Photos wait on this phone and go on by themselves when this page is open.',
  },

  pair: {
    title: 'This is a Demeter box',
    intro: 'Pair this phone once, then take photos for it: also where there is no internet.',
    waitsHint: 'They go on once this phone is paired.',
    pin: 'PIN',
    pinHint: 'Six digits',
    name: 'Name of this phone',
    nameHint: 'So that others see who took a photo',
    names: { iPhone: 'iPhone', Android: 'Android phone', other: 'Computer' },
    go: 'Pair this phone',
    where: 'Where is the PIN?',
    onPhone: 'On a phone that is paired already: Box → Pair another phone.',
    onBox: 'Or at the box itself:',
    command: 'bun edge/src/admin.ts pin',
    wait: (seconds: number) => `Too many wrong PINs. Wait ${count(seconds, 'second', 'seconds')}.`,
  },

  shoot: {
    where: 'Where are you?',
    whereHint: 'Choose the place before you take photos: phones often do not write it into them.',
    place: 'Place',
    noPlace: 'Without a place',
    noPlaceHint: 'Somebody has to assign these photos later.',
    change: 'Change',
    scan: 'Scan the tag',
    scanHint: 'Take a photo of its code',
    scanning: 'Reading the tag…',
    scanNothing: 'No code was found. Go closer, hold still, and fill the picture with the code.',
    scanSeveral: 'Several codes were found. Which one is it?',
    scanStrange: 'No place of the nursery has this code. Use it anyway?',
    known: 'Places you can pick',
    more: (n: number) => `and ${number.format(n)} more: type a part of the code or name`,
    search: 'Type the code or name of a place',
    truncated:
      'The nursery has more places than this box knows. If yours is not here, type its code.',
    strange: (code: string) => `The nursery has no place ${code}. Check the code.`,
    use: (code: string) => `Use ${code}`,
    take: 'Take a photo',
    gallery: 'Choose photos',
    drop: 'or drop photos here',
    list: 'Sent from this phone',
    summary: (done: number, all: number) => `${done} of ${all} on the box`,
    clear: 'Clear list',
    phases: {
      waiting: 'Waiting',
      reading: 'Reading…',
      sending: (share: number) => `Sending… ${Math.floor(share * 100)} %`,
      paused: 'Waits for the connection',
      judging: 'On the box. Looking at it…',
      done: 'On the box',
      refused: 'Not taken',
    },
    unreadable: 'The phone could not read this file. Choose it again.',
    waits: (n: number) => `${count(n, 'photo waits', 'photos wait')} on this phone.`,
    waitsHint: 'They stay when you close this page, and go on when you open it again.',
    notKept: (n: number, all: number) => {
      const they = n === 1 ? 'it' : 'them';
      const which = n === all ? they : `${number.format(n)} of them`;
      return `The phone cannot keep ${which}: leave this page open until the box has ${they}.`;
    },
    isFull: 'Its memory is full.',
  },

  verdict: {
    good: 'Good',
    poor: 'Look again',
    undecodable: 'Damaged',
    none: 'On the box',
    judging: 'Being looked at',
  },
  state: {
    waits: 'Waits to be sent',
    held: 'Kept back on the box',
    sent: 'At the centre',
    resolved: 'Given up by the policy',
    parked: 'Refused by the centre',
  },
  sendAnyway: 'Send anyway',
  sendingAnyway: 'Will be sent first.',

  photos: {
    title: 'Photos',
    filter: 'Which photos',
    all: 'All',
    rejected: 'Needs a look',
    none: 'No photos yet',
    noneHint: 'Photos from cameras and phones appear here.',
    noneRejected: 'Nothing needs a look',
    noneRejectedHint: 'All photos were good.',
    more: 'Show more',
    by: (camera: string, ago: string) => `${camera}, ${ago}`,
    provisional: (n: number) => `about ${texts.plants(n)}`,
    alt: (place: string | null) => (place ? `Photo at ${place}` : 'Photo'),
  },

  page: {
    title: 'Box',
    link: 'Link to the centre',
    links: {
      connected: 'Connected',
      'not configured': 'No centre is set up: photos stay on this box.',
      trouble: 'Photos cannot be sent now',
    },
    troubleHint: 'They are safe here and are sent as soon as it works again.',
    waiting: {
      outside_hours: 'It sends at certain hours only.',
      budget_spent: "This month's volume is used up: it goes on next month.",
    } as Readonly<Record<string, string>>,
    backlog: 'Waiting to be sent',
    nothing: 'Nothing waits.',
    oldest: (ago: string) => `The oldest came ${ago}.`,
    disk: 'Disk',
    diskOf: (held: string, quota: string) => `${held} of ${quota} used`,
    fullness: {
      ok: 'Enough room',
      warn: 'Getting full',
      evict: 'Nearly full: copies that the centre has are removed',
      refuse: 'Full: no new photos are taken',
    } as Readonly<Record<string, string>>,
    alarms: 'Call for help',
    noJudge: 'Photos are not looked at: the judge does not start.',
    stopping: 'The box is stopping. Photos wait.',
    cameras: 'Cameras',
    noCameras: 'No camera is set up.',
    noPhoto: 'No photo yet',
    phones: 'Paired phones and computers',
    thisPhone: 'this device',
    seen: (ago: string) => `seen ${ago}`,
    unpair: 'Unpair',
    unpairSure: (name: string) => `Unpair ${name}? It needs a new PIN then.`,
    pairOther: 'Pair another phone',
    pinFor: (minutes: number) =>
      `Works once, for ${count(minutes, 'minute', 'minutes')}. Scan the code with the other phone in the same Wi-Fi, then enter the PIN.`,
    address: 'Address of this box',
    version: (version: string) => `Version ${version}`,
  },
};
