import { useSignal } from '@preact/signals';
import type { Box } from '../api/shapes.ts';
import { texts } from '../texts.ts';
import { fullTime, now, timeAgo } from '../ui/time.ts';
import { act } from './act.ts';
import { boxState, TONES } from './box-state.ts';
import { newCode, removeBox, renameBox, revokeBox } from './boxes-data.ts';

interface BoxProps {
  readonly box: Box;
}

/** One box: name, how it stands, and what may be done about it. */
export function BoxRow({ box }: BoxProps) {
  const { code, last_seen_at, version, state, alerts } = box;
  const { states, alert, alarm, disk, columns, never, clock } = texts.boxes;
  const stands = boxState(box);
  const ago = (at: string) => <span title={fullTime(at)}>{timeAgo(at, now.value)}</span>;
  const off = alerts.some(({ kind }) => kind === 'clock') && state;
  return (
    <tr>
      <td class="code">
        <Name box={box} />
        <span class="quiet edge-about">{code}</span>
      </td>
      <td data-label={columns.state}>
        <span class={`chip chip-${TONES[stands]}`}>{states[stands]}</span>
        {alerts.map(({ kind }) => (
          <span key={kind} class="edge-about tone-wait">
            {alert[kind]}
          </span>
        ))}
        {off && <span class="quiet edge-about">{clock(off.clock_offset_ms)}</span>}
        {state?.alarms.map(({ code: name, sentence }) => (
          <span key={name} class="quiet edge-about">
            {alarm(sentence)}
          </span>
        ))}
      </td>
      <td data-label={columns.seen}>{last_seen_at ? ago(last_seen_at) : never}</td>
      <td data-label={columns.backlog}>
        {state ? texts.number(state.backlog_photos) : texts.unknown}
      </td>
      <td data-label={columns.oldest}>
        {state?.oldest_unsent_at ? ago(state.oldest_unsent_at) : texts.unknown}
      </td>
      <td data-label={columns.disk}>{state ? disk(state.disk_share) : texts.unknown}</td>
      <td data-label={columns.version}>{version ?? texts.unknown}</td>
      <td>
        <Actions box={box} />
      </td>
    </tr>
  );
}

/** The name; chosen, a field to change it. */
function Name({ box }: BoxProps) {
  const edited = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const { rename, renamed, name } = texts.boxes;
  if (edited.value === undefined) {
    return (
      <button
        type="button"
        class="edge-name"
        title={rename}
        onClick={() => {
          edited.value = box.name;
        }}
      >
        {box.name}
      </button>
    );
  }
  const save = async () => {
    const given = edited.value?.trim() ?? '';
    const kept = given === '' || given === box.name;
    if (kept || (await act(busy, () => renameBox(box, given), renamed(given)))) {
      edited.value = undefined;
    }
  };
  return (
    <form
      class="edge-rename"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        aria-label={name}
        maxLength={200}
        value={edited.value}
        onInput={({ currentTarget }) => {
          edited.value = currentTarget.value;
        }}
      />
      <button type="submit" class="button" disabled={busy.value}>
        {texts.photo.save}
      </button>
    </form>
  );
}

function Actions({ box }: BoxProps) {
  const busy = useSignal(false);
  const { makeCode, codeMade, revoke, revoked, revokeSure, remove, removed } = texts.boxes;
  const { removeSure } = texts.boxes;
  // What was never here was perhaps added by mistake; what was stays known.
  const wasHere = box.last_seen_at !== null;
  const end = () => {
    if (!confirm(wasHere ? revokeSure(box.name) : removeSure(box.name))) return;
    if (wasHere) void act(busy, () => revokeBox(box), revoked(box.name));
    else void act(busy, () => removeBox(box), removed(box.name));
  };
  return (
    <div class="form-buttons">
      <button
        type="button"
        class="button"
        disabled={busy.value}
        onClick={() => void act(busy, () => newCode(box), codeMade(box.name))}
      >
        {makeCode}
      </button>
      {(!wasHere || box.revoked_at === null) && (
        <button type="button" class="button button-quiet" disabled={busy.value} onClick={end}>
          {wasHere ? revoke : remove}
        </button>
      )}
    </div>
  );
}
