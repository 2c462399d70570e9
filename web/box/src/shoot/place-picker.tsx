import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../../src/ui/icon.tsx';
import { ask, Problem } from '../api.ts';
import { texts } from '../texts.ts';
import { choosePlace, type Place } from './place.ts';

/** As many as fit on a phone without a search. */
const SHOWN_MAX = 12;

interface KnownPlace extends Place {
  readonly from: 'photo' | 'camera' | 'centre';
}

/** What the box knows; `truncated`: the nursery has others. */
interface Known {
  readonly places: readonly KnownPlace[];
  readonly truncated: boolean;
}

/** Choosing the place: by its tag, from those that the box knows, or by typing its code. */
export function PlacePicker() {
  const known = useSignal<Known>({ places: [], truncated: false });
  const typed = useSignal('');
  useEffect(() => {
    ask<Known>('/page/places').then(
      (answer) => {
        known.value = answer;
      },
      // The tag and typing work without it.
      () => {},
    );
  }, []);
  const wanted = typed.value.trim();
  const lower = wanted.toLowerCase();
  const { places, truncated } = known.value;
  const fitting = places.filter(({ code, name }) =>
    `${code} ${name ?? ''}`.toLowerCase().includes(lower),
  );
  const exact = places.find(({ code }) => code.toLowerCase() === lower);
  const isNew = wanted !== '' && !exact;
  const strange = isStrange(wanted, known.value);
  return (
    <section class="panel picker" aria-labelledby="where">
      <h1 id="where">{texts.shoot.where}</h1>
      <p class="quiet">{texts.shoot.whereHint}</p>
      <Scanner known={known.value} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const [only] = fitting.length === 1 ? fitting : [];
          const meant = exact ?? only;
          if (meant) choosePlace(meant);
          else if (isNew && !strange) choosePlace({ code: wanted, name: null });
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
      </form>
      {fitting.length > 0 && (
        <>
          <h2>{texts.shoot.known}</h2>
          <Places places={fitting.slice(0, SHOWN_MAX)} />
          {fitting.length > SHOWN_MAX && (
            <p class="quiet">{texts.shoot.more(fitting.length - SHOWN_MAX)}</p>
          )}
        </>
      )}
      {truncated && <p class="quiet">{texts.shoot.truncated}</p>}
      {isNew && (
        <>
          {strange && <p>{texts.shoot.strange(wanted)}</p>}
          <button
            type="button"
            class="button"
            onClick={() => choosePlace({ code: wanted, name: null })}
          >
            <Icon name="pin" size={24} />
            {texts.shoot.use(wanted)}
          </button>
        </>
      )}
      <button
        type="button"
        class="button button-quiet"
        onClick={() => choosePlace({ code: '', name: null })}
      >
        {texts.shoot.noPlace}
      </button>
    </section>
  );
}

/** The box knows the nursery's places, and this is none of them. */
function isStrange(code: string, { places, truncated }: Known): boolean {
  return (
    !truncated &&
    places.some(({ from }) => from === 'centre') &&
    places.find((place) => place.code === code)?.name == null
  );
}

/** Takes a photo of a tag; the box reads it, because a phone's page may not use the camera live. */
function Scanner({ known }: { readonly known: Known }) {
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
      const ofNursery = found.codes.filter((code) => !isStrange(code, known));
      const [only] = ofNursery;
      if (only !== undefined && ofNursery.length === 1) choosePlace(placeOf(only, known));
      else if (found.codes.length === 0) problem.value = texts.shoot.scanNothing;
      else codes.value = ofNursery.length > 0 ? ofNursery : found.codes;
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
          <p role="status">
            {codes.value.every((code) => isStrange(code, known))
              ? texts.shoot.scanStrange
              : texts.shoot.scanSeveral}
          </p>
          <Places places={codes.value.map((code) => placeOf(code, known))} />
        </>
      )}
    </>
  );
}

function placeOf(code: string, { places }: Known): Place {
  return places.find((place) => place.code === code) ?? { code, name: null };
}

function Places({ places }: { readonly places: readonly Place[] }) {
  return (
    <ul class="codes">
      {places.map(({ code, name }) => (
        <li key={code}>
          <button
            type="button"
            class="button code-button"
            onClick={() => choosePlace({ code, name })}
          >
            {code}
            {name !== null && name !== code && <small>{name}</small>}
          </button>
        </li>
      ))}
    </ul>
  );
}
