import { useSignal } from '@preact/signals';
import { Icon } from '../../../src/ui/icon.tsx';
import { type Photo, Problem, post } from '../api.ts';
import { texts } from '../texts.ts';

interface Props {
  readonly photo: Photo;
  readonly onSent: (photo: Photo) => void;
}

/** Overrules the verdict: the photo is sent before others. */
export function SendAnyway({ photo, onSent }: Props) {
  const busy = useSignal(false);
  const problem = useSignal('');
  const done = useSignal(false);
  if (!photo.can_send) {
    return done.value ? <p role="status">{texts.sendingAnyway}</p> : null;
  }
  const send = async () => {
    busy.value = true;
    try {
      onSent(await post<Photo>(`/page/photos/${photo.photo_id}/send`));
      done.value = true;
    } catch (error) {
      problem.value = error instanceof Problem ? error.message : String(error);
    }
    busy.value = false;
  };
  return (
    <>
      <button type="button" class="button" disabled={busy.value} onClick={() => void send()}>
        <Icon name="send" size={24} />
        {texts.sendAnyway}
      </button>
      {problem.value && <p role="alert">{problem.value}</p>}
    </>
  );
}
