import { dayOf, digestOfDay, toSightingKey } from '@demeter/common/edge-days';
import type { FaultCore } from '../_fault-core.ts';

/** The core's side of comparing, on what the fake core has registered; it can lose things. */
export function addReconciliation(core: FaultCore, pageSize = 2) {
  const wanted = new Set<string>();
  const answers: { sha256: string; answer: string }[] = [];
  /** Keys that the centre names though this box never registered them. */
  const strange: { day: string; key: string }[] = [];
  const asked = { days: 0, pages: 0 };
  let meanwhile: () => Promise<void> = async () => {};

  const keysOf = (day: string): string[] => {
    const keys = core.calls.flatMap(({ step, sha256, body }) => {
      if (step !== 'register') return [];
      const { sighting } = body as { sighting: { id: string; accepted_at: string } };
      const isKnown = core.registered.get(sha256)?.has(sighting.id) ?? false;
      const isOfDay = dayOf(Date.parse(sighting.accepted_at)) === day;
      return isKnown && isOfDay ? [toSightingKey({ sha256, sightingId: sighting.id })] : [];
    });
    const others = strange.filter((one) => one.day === day).map(({ key }) => key);
    return [...new Set([...keys, ...others])].sort();
  };

  core.setRoutes(async (request, pathname) => {
    const path = pathname.replace('/api/v1/edge/', '');
    const after = new URL(request.url).searchParams.get('after') ?? '';
    if (path === 'reconcile/days') {
      asked.days++;
      await meanwhile();
      const { days } = (await request.json()) as { days: string[] };
      const answer = days.map((day) => {
        const keys = keysOf(day);
        return { day, sightings: keys.length, digest: digestOfDay(keys) };
      });
      return Response.json({ days: answer });
    }
    if (path.startsWith('reconcile/days/')) {
      asked.pages++;
      const keys = keysOf(path.slice('reconcile/days/'.length))
        .filter((key) => key > after)
        .slice(0, pageSize);
      return Response.json({ keys, next: keys.length === pageSize ? keys.at(-1) : null });
    }
    if (path === 'reconcile/wanted') return Response.json({ photos: [...wanted], next: null });
    if (path === 'reconcile/answers') {
      const { photos } = (await request.json()) as { photos: typeof answers };
      answers.push(...photos);
      for (const { sha256 } of photos) wanted.delete(sha256);
      return Response.json({ taken: photos.length });
    }
    const photo = /^photos\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (photo === undefined || request.method !== 'GET') return null;
    if (!core.registered.has(photo)) {
      return Response.json({ code: 'NOT_FOUND', detail: '' }, { status: 404 });
    }
    return Response.json({ state: core.objects.has(photo) ? 'stored' : 'missing', detected: null });
  });

  return {
    wanted,
    answers,
    strange,
    asked,
    /** Done once, after the box has asked and before it is answered. */
    setMeanwhile: (run: () => Promise<void>) => {
      meanwhile = async () => {
        meanwhile = async () => {};
        await run();
      };
    },
    /** Bytes, photo and sightings, as by a restored backup. */
    lose: (sha256: string) => {
      core.objects.delete(sha256);
      core.registered.delete(sha256);
    },
  };
}
