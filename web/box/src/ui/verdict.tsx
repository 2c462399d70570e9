import { Icon, type IconName } from '../../../src/ui/icon.tsx';
import type { Photo } from '../api.ts';
import { texts } from '../texts.ts';

/** By mark and word, not by colour alone. */
const MARKS: Readonly<Record<string, { readonly icon: IconName; readonly tone: string }>> = {
  good: { icon: 'check', tone: 'good' },
  poor: { icon: 'warning', tone: 'wait' },
  undecodable: { icon: 'close', tone: 'bad' },
  judging: { icon: 'wait', tone: 'work' },
  none: { icon: 'check', tone: 'good' },
};

/** What the box thinks of a photo. */
export function VerdictChip({ photo }: { readonly photo: Photo }) {
  const result = photo.verdict?.result ?? (photo.state === 'spooled' ? 'judging' : 'none');
  const { icon, tone } = MARKS[result]!;
  return (
    <span class={`chip chip-${tone}`} data-verdict={result}>
      <Icon name={icon} size={18} />
      {texts.verdict[result]}
    </span>
  );
}

/** What is wrong with it and what to do, sentence by sentence. */
export function Reasons({ photo }: { readonly photo: Photo }) {
  const reasons = photo.verdict?.reasons ?? [];
  return (
    <>
      {reasons.map(({ code, sentence }) => (
        <p key={code} class="reason">
          {sentence}
        </p>
      ))}
    </>
  );
}
