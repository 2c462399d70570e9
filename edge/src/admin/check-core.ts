import type { EdgeConfig } from '../config.ts';
import { sentenceOf, symptomOfError } from '../forward/symptoms.ts';
import { ENVIRONMENT } from '../in-force/values.ts';
import type { Finding } from './check.ts';
import type { EffectiveValue } from './effective.ts';

const REACH_TIMEOUT_MS = 5_000;

/** Whether the centre answers; where it does not, which address was asked and who said so. */
export async function checkCore(
  { core }: EdgeConfig,
  values: readonly EffectiveValue[],
): Promise<Finding> {
  const what = 'core';
  if (!core) return { level: 'note', what, finding: 'not configured: photos are held here' };
  const from = values.find(({ name }) => name === 'DEMETER_EDGE_CORE_URL')?.from ?? 'default';
  const hint = `Check the network and the address, which ${GIVEN[from] ?? `stands at ${from}`}.`;
  try {
    const answer = await fetch(`${core.url}/api/v1/keys`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REACH_TIMEOUT_MS),
    });
    const body = (await answer.json().catch(() => null)) as { keys?: unknown } | null;
    if (answer.ok && Array.isArray(body?.keys)) {
      return { level: 'ok', what, finding: `${core.url} answers` };
    }
    const finding = `something other than the core answers at ${core.url}`;
    return { level: 'wrong', what, finding, hint };
  } catch (error) {
    const finding = `${addressOf(core.url)}: ${sentenceOf(symptomOfError(error), 'core')}`;
    return { level: 'wrong', what, finding, hint };
  }
}

const GIVEN: Readonly<Record<string, string>> = {
  [ENVIRONMENT]: 'is DEMETER_EDGE_CORE_URL',
  default: 'is where the box enrolled: DEMETER_EDGE_CORE_URL sets another',
};

/** HOST:PORT, the port also where the address leaves it out. */
function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}
