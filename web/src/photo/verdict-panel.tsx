import type { Photo } from '../api/shapes.ts';
import { readVerdict } from '../photos/verdict.ts';
import { texts } from '../texts.ts';

/** What the edge box thought of the photo, in its own sentences. */
export function VerdictPanel({ photo }: { readonly photo: Photo }) {
  const verdict = readVerdict(photo.verdict);
  const words: Readonly<Record<string, string>> = texts.photo.verdicts;
  return (
    <section class="panel" aria-labelledby="verdict-title">
      <h2 id="verdict-title">{texts.photo.verdict}</h2>
      {verdict ? (
        <p class={verdict.result === 'good' ? '' : 'tone-wait'}>
          {words[verdict.result] ?? verdict.result}
        </p>
      ) : (
        <p class="quiet">{texts.photo.notJudged}</p>
      )}
      {verdict && verdict.reasons.length > 0 && (
        <ul class="reasons">
          {verdict.reasons.map(({ code, sentence }) => (
            <li key={code}>{sentence}</li>
          ))}
        </ul>
      )}
      {verdict?.isNearDuplicate && <p class="quiet">{texts.photo.nearDuplicate}</p>}
    </section>
  );
}
