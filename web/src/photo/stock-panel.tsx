import type { Movement, Photo } from '../api/shapes.ts';
import { may } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icon.tsx';
import { fullTime } from '../ui/time.ts';

interface StockPanelProps {
  readonly photo: Photo;
  readonly movements: readonly Movement[];
}

/** The photo's trace in the books. */
export function StockPanel({ photo: { batch }, movements }: StockPanelProps) {
  if (!may('stock:read')) return null;
  const kinds: Readonly<Record<string, string>> = texts.movements;
  return (
    <section class="panel" aria-labelledby="stock-title">
      <h2 id="stock-title">{texts.photo.stock}</h2>
      {batch && (
        <p class="place">
          <Icon name="batch" />
          <span>
            <span class="code">{batch.code}</span>
            <span class="quiet place-source">
              {texts.photo.batchHolds(texts.plants(batch.quantity_current))}
            </span>
          </span>
        </p>
      )}
      {movements.length === 0 ? (
        <p class="quiet">{texts.photo.noMovement}</p>
      ) : (
        <ul class="movements">
          {movements.map(({ id, kind, quantity, occurred_at, reason }) => (
            <li key={id}>
              <b class="movement-quantity">{texts.signed(quantity)}</b>
              <span>
                {kinds[kind] ?? kind}
                {reason && `: ${reason}`}
              </span>
              <time class="quiet" dateTime={occurred_at}>
                {fullTime(occurred_at)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
