import { useSignal } from '@preact/signals';
import { texts } from '../texts.ts';
import { act } from './act.ts';
import { addBox } from './boxes-data.ts';

/** Adds a box: its short code and, if wanted, a name. */
export function BoxForm() {
  const code = useSignal('');
  const name = useSignal('');
  const busy = useSignal(false);
  const { add, code: codeLabel, name: nameLabel, added } = texts.boxes;
  const submit = async () => {
    const given = code.value.trim();
    const named = name.value.trim() || given;
    if (await act(busy, () => addBox(given, named), added(given))) {
      code.value = '';
      name.value = '';
    }
  };
  return (
    <form
      class="edge-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label class="field">
        {codeLabel}
        <input
          required
          maxLength={64}
          value={code.value}
          onInput={({ currentTarget }) => {
            code.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        {nameLabel}
        <input
          maxLength={200}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="button button-main" disabled={busy.value || !code.value.trim()}>
        {add}
      </button>
    </form>
  );
}
