import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../../src/ui/icon.tsx';
import type { BoxState } from '../api.ts';
import { boxState, look, now } from '../box-state.ts';
import { Picture } from '../photos/photos-page.tsx';
import { session } from '../session.ts';
import { texts } from '../texts.ts';
import { ago, agoOf } from '../time.ts';
import { Reasons, VerdictChip } from '../ui/verdict.tsx';
import { loadDevices, PhonesPanel } from './phones-panel.tsx';

/** How the box is: link and backlog, disk, cameras, phones. */
export function BoxPage() {
  useEffect(() => void look(), []);
  useSignalEffect(() => {
    if (session.value.state === 'in') void loadDevices();
  });
  const state = boxState.value;
  return (
    <>
      <div class="page-head">
        <h1>{texts.page.title}</h1>
      </div>
      {state ? <State state={state} /> : <p role="status">{texts.loading}</p>}
      <PhonesPanel />
    </>
  );
}

function State({ state }: { readonly state: BoxState }) {
  return (
    <>
      <Alarms state={state} />
      <div class="panels">
        <LinkPanel state={state} />
        <DiskPanel state={state} />
      </div>
      <Cameras state={state} />
    </>
  );
}

function Alarms({ state }: { readonly state: BoxState }) {
  const { alarms, judge, accepting } = state;
  const said = [
    ...alarms.map(({ sentence }) => sentence),
    ...(judge === 'failed' ? [texts.page.noJudge] : []),
    ...(accepting ? [] : [texts.page.stopping]),
  ];
  if (said.length === 0) return null;
  return (
    <div class="notice notice-bad" role="alert">
      <strong>{texts.page.alarms}</strong>
      {said.map((sentence) => (
        <span key={sentence}>{sentence}</span>
      ))}
    </div>
  );
}

function LinkPanel({ state }: { readonly state: BoxState }) {
  const { link, unsent, oldest_unsent_seconds } = state;
  const { page } = texts;
  const isTrouble = link.state === 'trouble';
  return (
    <section class="panel fact" aria-labelledby="link">
      <h2 id="link">
        <Icon name="link" size={24} />
        {page.link}
      </h2>
      <p class={isTrouble ? 'fact-value tone-wait' : 'fact-value'}>{page.links[link.state]}</p>
      {link.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {isTrouble && <p>{page.troubleHint}</p>}
      {link.waiting && <p>{page.waiting[link.waiting] ?? link.waiting}</p>}
      <p class="quiet">
        {page.backlog}: <b>{unsent}</b>.{' '}
        {unsent > 0 ? page.oldest(ago(oldest_unsent_seconds)) : page.nothing}
      </p>
    </section>
  );
}

function DiskPanel({ state }: { readonly state: BoxState }) {
  const { fullness, held_bytes, quota_bytes } = state.disk;
  const { page, gigabytes } = texts;
  const share = held_bytes / quota_bytes;
  const tone = fullness === 'ok' ? '' : fullness === 'refuse' ? 'tone-bad' : 'tone-wait';
  return (
    <section class="panel fact" aria-labelledby="disk">
      <h2 id="disk">
        <Icon name="box" size={24} />
        {page.disk}
      </h2>
      <p class={`fact-value ${tone}`}>{page.fullness[fullness] ?? fullness}</p>
      <progress class="disk" value={share} max={1} aria-labelledby="disk" />
      <p class="quiet">{page.diskOf(gigabytes(held_bytes), gigabytes(quota_bytes))}</p>
    </section>
  );
}

function Cameras({ state }: { readonly state: BoxState }) {
  const { cameras } = state;
  return (
    <section aria-labelledby="cameras">
      <h2 id="cameras" class="section-title">
        {texts.page.cameras}
      </h2>
      {cameras.length === 0 && <p class="quiet">{texts.page.noCameras}</p>}
      <ul class="cards">
        {cameras.map(({ code, name, place, last_photo }) => (
          <li key={code} class="panel card">
            {last_photo && <Picture photo={last_photo} />}
            <div class="card-words">
              <div class="sending-line">
                <strong class="sending-name">{name}</strong>
                {last_photo && <VerdictChip photo={last_photo} />}
              </div>
              <p class="quiet">
                {[
                  place ?? last_photo?.place,
                  last_photo ? agoOf(last_photo.accepted_at, now.value) : texts.page.noPhoto,
                ]
                  .filter(Boolean)
                  .join(', ')}
              </p>
              {last_photo && <Reasons photo={last_photo} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
