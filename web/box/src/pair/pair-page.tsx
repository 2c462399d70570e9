import { useSignal } from '@preact/signals';
import { Logo } from '../../../src/shell/logo.tsx';
import { Problem } from '../api.ts';
import { pair } from '../session.ts';
import { WaitingHere } from '../shoot/waiting-here.tsx';
import { texts } from '../texts.ts';

/** What a phone sees that is not paired: nothing of the box but that it is one. */
export function PairPage() {
  const pin = useSignal('');
  const name = useSignal(guessName());
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    problem.value = null;
    try {
      await pair(pin.value, name.value);
    } catch (error) {
      problem.value = error instanceof Problem ? error : new Problem(0, String(error));
      pin.value = '';
    }
    busy.value = false;
  };
  return (
    <main class="pair">
      <form class="panel pair-card" onSubmit={(event) => void submit(event)}>
        <Logo />
        <h1>{texts.pair.title}</h1>
        <p class="quiet">{texts.pair.intro}</p>
        <WaitingHere hint={texts.pair.waitsHint} />
        {problem.value && <Refused problem={problem.value} />}
        <label class="field">
          <span>{texts.pair.pin}</span>
          <input
            class="input pin-input"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            maxLength={6}
            placeholder="••••••"
            title={texts.pair.pinHint}
            required
            value={pin.value}
            onInput={(event) => {
              pin.value = event.currentTarget.value.replace(/\D/g, '');
            }}
          />
        </label>
        <label class="field">
          <span>{texts.pair.name}</span>
          <input
            class="input"
            maxLength={60}
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
          <small>{texts.pair.nameHint}</small>
        </label>
        <button type="submit" class="button button-main" disabled={busy.value}>
          {texts.pair.go}
        </button>
        <details>
          <summary>{texts.pair.where}</summary>
          <p>{texts.pair.onPhone}</p>
          <p>{texts.pair.onBox}</p>
          <pre class="command">
            <code>{texts.pair.command}</code>
          </pre>
        </details>
      </form>
    </main>
  );
}

function Refused({ problem }: { readonly problem: Problem }) {
  const { status, message, hint, retryAfterSeconds } = problem;
  return (
    <div class="notice notice-bad" role="alert">
      <strong>{status === 429 ? texts.pair.wait(retryAfterSeconds) : message}</strong>
      {status !== 429 && <span>{hint}</span>}
    </div>
  );
}

function guessName(): string {
  const { names } = texts.pair;
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent)) return names.iPhone;
  return /Android/.test(agent) ? names.Android : names.other;
}
