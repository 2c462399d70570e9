import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../fault-case.ts';
import { Load } from '../load.ts';
import { type MeshCase, repeat } from './mesh-case.ts';

const SERVERS = 3;

/** A photo that takes its server down each time. */
export const poison: MeshCase = {
  number: 27,
  title: 'a poison photo: set aside after three servers and at most three restarts; others flow',
  seconds: 60,
  run: async (system, { seed, seconds }) => {
    await system.deploy({ count: SERVERS, faulty: true });
    await using load = await Load.start(system, seed);
    let restartsMax = 0;
    await repeat(seconds, async () => {
      const restartsBefore = await system.restarts();
      const { bytes, picture } = load.next();
      const hash = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(system.faultsFolder, `poison-${hash}`), '');
      load.poison.add(hash);
      load.sent.set(hash, picture);
      await system.upload(bytes);
      await system.until('the poison photo is set aside', async () => {
        const [run] = await system.sql`
          select state from runs where encode(sha256, 'hex') = ${hash}`;
        return run?.state === 'quarantined';
      });
      const servers: { server_id: string }[] = await system.sql`
        select a.server_id from run_attempts a join runs r on r.id = a.run_id
         where encode(r.sha256, 'hex') = ${hash}`;
      const names = servers.map((server) => server.server_id);
      must(names.length === 3, `it was tried three times: ${names.join(', ')}`);
      must(new Set(names).size === 3, `on three servers: ${names.join(', ')}`);
      await system.untilReady(SERVERS);
      let restarts = 0;
      // A server that has just gone may still be in the core's list: it answers a moment later.
      await system.until('all servers tell their restarts', async () => {
        restarts = (await system.restarts()) - restartsBefore;
        return true;
      });
      must(restarts <= 3, `${restarts} restarts for one photo`);
      restartsMax = Math.max(restartsMax, restarts);
      await load.untilCounted(3);
    });
    const { photos } = await load.close();
    return { photos, set_aside: load.poison.size, servers: 3, restarts_max: restartsMax };
  },
};
