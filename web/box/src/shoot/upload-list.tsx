import { Icon } from '../../../src/ui/icon.tsx';
import { previewOf } from '../api.ts';
import { texts } from '../texts.ts';
import { SendAnyway } from '../ui/send-anyway.tsx';
import { Reasons, VerdictChip } from '../ui/verdict.tsx';
import { change, type Sending, sendings, waitingHere } from './sendings.ts';
import { clearEnded } from './uploads.ts';
import { WaitingHere } from './waiting-here.tsx';

const ON_THE_BOX = new Set(['judging', 'done']);

/** Each photo from this phone, newest first: how far it is, and what the box thinks of it. */
export function UploadList() {
  const all = sendings.value;
  if (all.length === 0) return null;
  const done = all.filter(({ phase }) => ON_THE_BOX.has(phase)).length;
  return (
    <section class="panel sendings" aria-label={texts.shoot.list}>
      <div class="sendings-head">
        <h2>
          <span role="status">{texts.shoot.summary(done, all.length)}</span>
        </h2>
        {waitingHere.value.length === 0 && (
          <button type="button" class="button button-quiet" onClick={clearEnded}>
            {texts.shoot.clear}
          </button>
        )}
      </div>
      <WaitingHere />
      <ul>
        {all.map((each) => (
          <Row key={each.id} sending={each} />
        ))}
      </ul>
    </section>
  );
}

function Row({ sending }: { readonly sending: Sending }) {
  const { id, name, place, phase, share, photo, problem } = sending;
  const { phases } = texts.shoot;
  return (
    <li class="sending" data-phase={phase}>
      {photo?.has_preview ? (
        <img class="thumb" src={previewOf(photo)} alt="" loading="lazy" />
      ) : (
        <span class="thumb thumb-empty">
          <Icon name={phase === 'paused' ? 'wait' : 'camera'} size={24} />
        </span>
      )}
      <div class="sending-words">
        <div class="sending-line">
          <strong class="sending-name">{place || name}</strong>
          {photo && photo.state !== 'spooled' ? (
            <VerdictChip photo={photo} />
          ) : (
            <span class="quiet">{phase === 'sending' ? phases.sending(share) : phases[phase]}</span>
          )}
        </div>
        {phase === 'refused' && place !== '' && <p class="quiet">{name}</p>}
        {phase === 'sending' && <progress value={share} max={1} aria-label={name} />}
        {photo?.count && <p>{texts.photos.provisional(photo.count.value)}</p>}
        {photo && <Reasons photo={photo} />}
        {problem && (
          <p class="tone-bad" role="alert">
            {problem.message} {problem.hint}
          </p>
        )}
        {photo && <SendAnyway photo={photo} onSent={(fresh) => change(id, { photo: fresh })} />}
      </div>
    </li>
  );
}
