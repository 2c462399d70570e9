import { useSignal } from '@preact/signals';
import { asProblem } from '../api/problem.ts';
import type { Proposal } from '../api/shapes.ts';
import { href } from '../router.ts';
import { notify, notifyProblem } from '../shell/notice.ts';
import { texts } from '../texts.ts';
import { decide } from './stock-data.ts';

interface ProposalProps {
  readonly proposal: Proposal;
  readonly canDecide: boolean;
}

/** A count that differs from the books, for someone to decide. */
export function ProposalCard({ proposal, canDecide }: ProposalProps) {
  const busy = useSignal(false);
  const { id, batch, location, photo_id, counted, current, difference } = proposal;
  const choose = async (decision: 'confirm' | 'reject') => {
    busy.value = true;
    try {
      await decide(id, decision);
      const said = decision === 'confirm' ? texts.stock.confirmed : texts.stock.rejected;
      notify({ tone: 'good', text: said(batch.code) });
    } catch (error) {
      notifyProblem(asProblem(error));
    } finally {
      busy.value = false;
    }
  };
  return (
    <li class="panel proposal">
      <b class="proposal-difference">{texts.signed(difference)}</b>
      <span>
        <strong>{location.name}</strong>
        <span class="quiet place-source">{batch.code}</span>
        <span class="place-source">{texts.stock.proposal(current, counted)}</span>
        {photo_id && (
          <a href={href({ page: 'photo', photoId: photo_id })}>{texts.stock.seePhoto}</a>
        )}
      </span>
      {canDecide && (
        <div class="form-buttons">
          <button
            type="button"
            class="button button-main"
            disabled={busy.value}
            onClick={() => void choose('confirm')}
          >
            {texts.stock.confirm}
          </button>
          <button
            type="button"
            class="button"
            disabled={busy.value}
            onClick={() => void choose('reject')}
          >
            {texts.stock.reject}
          </button>
        </div>
      )}
    </li>
  );
}
