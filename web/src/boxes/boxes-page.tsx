import { useEffect } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { fullTime } from '../ui/time.ts';
import { BoxForm } from './box-form.tsx';
import { BoxRow } from './box-row.tsx';
import { boxes, boxesProblem, freshCode, readBoxes, showBoxes } from './boxes-data.ts';

/** The edge boxes, how each is, and what an administrator does about them. */
export function BoxesPage() {
  useEffect(showBoxes, []);
  const all = boxes.value;
  const problem = boxesProblem.value;
  if (!all && problem) return <Failed problem={problem} onRetry={() => void readBoxes()} />;
  if (!all) return <Loading label={texts.loading} />;
  const { title, listed, empty, emptyHint, columns } = texts.boxes;
  const alerts = all.reduce((sum, box) => sum + box.alerts.length, 0);
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        <span class="quiet">{listed(all.length, alerts)}</span>
      </div>
      <BoxForm />
      <Code />
      {all.length === 0 ? (
        <Empty title={empty} hint={emptyHint} />
      ) : (
        <div class="panel table-frame">
          <table class="table edges">
            <thead>
              <tr>
                {Object.values(columns).map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {all.map((box) => (
                <BoxRow key={box.id} box={box} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** The code of a box, to be typed in there. */
function Code() {
  const fresh = freshCode.value;
  if (!fresh) return null;
  const { codeFor, codeHint, codeUntil } = texts.boxes;
  const { box, code, expiresAt } = fresh;
  return (
    <section class="panel edge-code" role="status">
      <span>{codeFor(box)}</span>
      <strong class="edge-code-letters">{code}</strong>
      <span class="quiet">{codeHint}</span>
      <code>{`bun run demeter edge enrol ${code} --core ${location.origin}`}</code>
      <span class="quiet">{codeUntil(fullTime(expiresAt))}</span>
    </section>
  );
}
