import type { Photo } from '../api/shapes.ts';
import { fromHere } from '../photos/links.ts';
import { texts } from '../texts.ts';
import { factsOf } from './facts.ts';

/** Where the count came from, so that it can be checked years later. */
export function FactsPanel({ photo }: { readonly photo: Photo }) {
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">{texts.photo.facts}</h2>
      <dl class="facts">
        {factsOf(photo).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {photo.links.original && (
        <a class="button" href={fromHere(photo.links.original)} target="_blank" rel="noopener">
          {texts.photo.original}
        </a>
      )}
    </section>
  );
}
