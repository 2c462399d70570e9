import { texts } from '../texts.ts';
import { waitingHere } from './sendings.ts';

/** How many photos the box does not have yet, and what becomes of them when the page is closed. */
export function WaitingHere({ hint = texts.shoot.waitsHint }: { readonly hint?: string }) {
  const waiting = waitingHere.value;
  const lost = waiting.filter(({ kept }) => kept === 'no' || kept === 'full');
  if (waiting.length === 0) return null;
  const { waits, notKept, isFull } = texts.shoot;
  if (lost.length === 0) {
    return (
      <p class="quiet">
        <strong>{waits(waiting.length)}</strong> {hint}
      </p>
    );
  }
  return (
    <p class="notice notice-bad" role="alert">
      <strong>{waits(waiting.length)}</strong> {notKept(lost.length, waiting.length)}{' '}
      {lost.some(({ kept }) => kept === 'full') && isFull}
    </p>
  );
}
