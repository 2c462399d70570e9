import { signal, useSignal } from '@preact/signals';
import { Icon } from '../../../src/ui/icon.tsx';
import { ask, type Device, type Me, Problem, post } from '../api.ts';
import { now } from '../box-state.ts';
import { noticeRefusal, resume, session } from '../session.ts';
import { texts } from '../texts.ts';
import { agoOf } from '../time.ts';

const devices = signal<readonly Device[]>([]);

export async function loadDevices(): Promise<void> {
  try {
    devices.value = (await ask<{ devices: Device[] }>('/page/devices')).devices;
  } catch (error) {
    noticeRefusal(error);
  }
}

/** The paired phones, and how another becomes one. */
export function PhonesPanel() {
  const current = session.value;
  if (current.state !== 'in') return null;
  return (
    <section class="panel phones" aria-labelledby="phones">
      <h2 id="phones">{texts.page.phones}</h2>
      <ul>
        {devices.value.map((device) => (
          <Phone key={device.id} device={device} />
        ))}
      </ul>
      <PairOther me={current.me} />
      <p class="quiet">{texts.page.version(current.me.version)}</p>
    </section>
  );
}

function Phone({ device }: { readonly device: Device }) {
  const { id, name, seen_at, is_this } = device;
  const unpair = async () => {
    if (!confirm(texts.page.unpairSure(name))) return;
    await ask(`/page/devices/${id}`, { method: 'DELETE' }).catch(noticeRefusal);
    await (is_this ? resume() : loadDevices());
  };
  return (
    <li class="phone">
      <Icon name="phone" size={24} />
      <span class="phone-words">
        <strong>{name}</strong>
        <span class="quiet">
          {is_this ? texts.page.thisPhone : texts.page.seen(agoOf(seen_at, now.value))}
        </span>
      </span>
      <button
        type="button"
        class="button button-quiet"
        aria-label={`${texts.page.unpair}: ${name}`}
        onClick={() => void unpair()}
      >
        {texts.page.unpair}
      </button>
    </li>
  );
}

interface ShownPin {
  readonly pin: string;
  readonly expires_in_seconds: number;
}

function PairOther({ me }: { readonly me: Me }) {
  const shown = useSignal<{ pin: string; until: number } | null>(null);
  const problem = useSignal('');
  const show = async () => {
    problem.value = '';
    try {
      const { pin, expires_in_seconds } = await post<ShownPin>('/page/pin');
      shown.value = { pin, until: now.value + expires_in_seconds * 1000 };
    } catch (error) {
      noticeRefusal(error);
      problem.value = error instanceof Problem ? error.message : String(error);
    }
  };
  const leftMs = (shown.value?.until ?? 0) - now.value;
  if (!shown.value || leftMs <= 0) {
    return (
      <>
        <button type="button" class="button button-main" onClick={() => void show()}>
          <Icon name="phone" size={24} />
          {texts.page.pairOther}
        </button>
        {problem.value && <p role="alert">{problem.value}</p>}
      </>
    );
  }
  const { pin } = shown.value;
  const minutes = Math.ceil(leftMs / 60_000);
  return (
    <div class="pin" role="status">
      <img class="qr" src="/page/qr.svg" alt={me.urls[0] ?? ''} />
      <div class="pin-words">
        <strong class="pin-digits">{`${pin.slice(0, 3)} ${pin.slice(3)}`}</strong>
        <p>{texts.page.pinFor(minutes)}</p>
        <p class="quiet">{texts.page.address}</p>
        {me.urls.map((url) => (
          <code key={url} class="code">
            {url}
          </code>
        ))}
      </div>
    </div>
  );
}
