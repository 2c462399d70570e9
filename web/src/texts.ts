import { machinesTexts } from './texts/machines.ts';
import { count, number } from './texts/numbers.ts';
import { photosTexts } from './texts/photos.ts';
import { placesTexts } from './texts/places.ts';

export { LOCALE } from './texts/numbers.ts';

/**
 * Every word that people read, by area in `texts/`. Another language is another object of the same
 * shape.
 */
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

  unreachable: 'The server cannot be reached.',
  unreachableHint: 'Check the network; the page tries again by itself.',
  failedWithStatus: (status: number) => `The server answered ${status}.`,
  failedHere: 'Something went wrong in the page.',
  reloadHint: 'Reload the page.',

  ...photosTexts,
  ...placesTexts,
  ...machinesTexts,
};
