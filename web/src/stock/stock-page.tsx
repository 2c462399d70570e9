import { useEffect } from 'preact/hooks';
import type { Batch } from '../api/shapes.ts';
import { href } from '../router.ts';
import { may } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { now, timeAgo } from '../ui/time.ts';
import { ProposalCard } from './proposal-card.tsx';
import {
  batches,
  moreBatches,
  proposals,
  readStock,
  showMoreBatches,
  showStock,
  stockProblem,
} from './stock-data.ts';

export function StockPage() {
  useEffect(showStock, []);
  const all = batches.value;
  const problem = stockProblem.value;
  if (!all && problem) return <Failed problem={problem} onRetry={() => void readStock()} />;
  if (!all) return <Loading label={texts.loading} />;
  const plants = all.reduce((sum, { quantity_current }) => sum + quantity_current, 0);
  return (
    <>
      <div class="page-head">
        <h1>{texts.stock.title}</h1>
        <span class="quiet">{texts.stock.listed(texts.plants(plants), all.length)}</span>
      </div>
      <Proposals />
      <h2>{texts.stock.batches}</h2>
      {all.length === 0 ? (
        <Empty title={texts.stock.empty} hint={texts.stock.emptyHint} />
      ) : (
        <BatchTable all={all} />
      )}
      {moreBatches.value && (
        <button type="button" class="button more" onClick={() => void showMoreBatches()}>
          {texts.loadMore}
        </button>
      )}
    </>
  );
}

function Proposals() {
  const open = proposals.value;
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="proposals-title">
      <h2 id="proposals-title">{texts.stock.proposals}</h2>
      <p class="quiet">{texts.stock.proposalsHint}</p>
      <ul class="proposals">
        {open.map((proposal) => (
          <ProposalCard key={proposal.id} proposal={proposal} canDecide={may('stock:write')} />
        ))}
      </ul>
    </section>
  );
}

function BatchTable({ all }: { readonly all: readonly Batch[] }) {
  const { columns } = texts.stock;
  return (
    <div class="panel table-frame">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{columns.batch}</th>
            <th scope="col">{columns.product}</th>
            <th scope="col">{columns.place}</th>
            <th scope="col" class="right">
              {columns.plants}
            </th>
            <th scope="col" class="wide-only">
              {columns.since}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ id, code, product, location, quantity_current, created_at }) => (
            <tr key={id}>
              <td class="code">{code}</td>
              <td>{product.common_name}</td>
              <td>
                <a href={href({ page: 'map', locationId: location.id })}>{location.name}</a>
              </td>
              <td class="right">
                <b>{texts.number(quantity_current)}</b>
              </td>
              <td class="quiet wide-only">{timeAgo(created_at, now.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
