import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../../src/ui/icon.tsx';
import { ask, Problem } from '../api.ts';
import { texts } from '../texts.ts';
import { choosePlace } from './place.ts';

/** As many as fit on a phone without a search. */
const SHOWN_MAX = 12;

/** Choosing the place: by its tag, from those that the box knows, or by typing its code. */
export function PlacePicker() {
  const known = useSignal<readonly string[]>([]);
  const typed = useSignal('');
  useEffect(() => {
    ask<{ places: { code: string }[] }>('/page/places').then(
      ({ places }) => {
        known.value = places.map(({ code }) => code);
      },
      // The tag and typing work without it.
      () => {},
    );
  }, []);
  const wanted = typed.value.trim();
  const fitting = known.value.filter((code) => code.toLowerCase().includes(wanted.toLowerCase()));
  const isNew = wanted !== '' && !known.value.includes(wanted);
  return (
    <section class="panel picker" aria-labelledby="where">
      <h1 id="where">{texts.shoot.where}</h1>
      <p class="quiet">{texts.shoot.whereHint}</p>
      <Scanner />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== '') choosePlace(wanted);
        }}
      >
        <label class="field">
          <span>{texts.shoot.search}</span>
          <input
            class="input"
            autoCapitalize="characters"
            autoComplete="off"
            spellcheck={false}
            maxLength={100}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        {isNew && (
          <button type="submit" class="button">
            <Icon name="pin" size={24} />
            {texts.shoot.use(wanted)}
          </button>
        )}
      </form>
      {fitting.length > 0 && (
        <>
          <h2>{texts.shoot.known}</h2>
          <Codes codes={fitting.slice(0, SHOWN_MAX)} />
        </>
      )}
      <button type="button" class="button button-quiet" onClick={() => choosePlace('')}>
        {texts.shoot.noPlace}
      </button>
    </section>
  );
}

/** Takes a photo of a tag; the box reads it, because a phone's page may not use the camera live. */
function Scanner() {
  const busy = useSignal(false);
  const codes = useSignal<readonly string[]>([]);
  const problem = useSignal('');
  const scan = async (file: File | undefined) => {
    if (!file) return;
    busy.value = true;
    problem.value = '';
    codes.value = [];
    try {
      const found = await ask<{ codes: string[] }>('/page/scan', {
        method: 'POST',
        body: file,
        headers: { 'content-type': 'application/octet-stream' },
        signal: AbortSignal.timeout(60_000),
      });
      const [first] = found.codes;
      if (first !== undefined && found.codes.length === 1) choosePlace(first);
      else if (first === undefined) problem.value = texts.shoot.scanNothing;
      else codes.value = found.codes;
    } catch (error) {
      problem.value = error instanceof Problem ? error.message : String(error);
    }
    busy.value = false;
  };
  return (
    <>
      <label class={busy.value ? 'button button-main big busy' : 'button button-main big'}>
        <Icon name="scan" size={32} />
        <span class="big-words">
          {busy.value ? texts.shoot.scanning : texts.shoot.scan}
          <small>{texts.shoot.scanHint}</small>
        </span>
        <input
          class="visually-hidden"
          type="file"
          accept="image/*"
          capture="environment"
          disabled={busy.value}
          aria-label={texts.shoot.scan}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            void scan(file);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {problem.value && (
        <p class="notice notice-bad" role="alert">
          {problem.value}
        </p>
      )}
      {codes.value.length > 0 && (
        <>
          <p role="status">{texts.shoot.scanSeveral}</p>
          <Codes codes={codes.value} />
        </>
      )}
    </>
  );
}

function Codes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <ul class="codes">
      {codes.map((code) => (
        <li key={code}>
          <button type="button" class="button code-button" onClick={() => choosePlace(code)}>
            {code}
          </button>
        </li>
      ))}
    </ul>
  );
}
