import { groupOf } from '../fault-case.ts';
import { dead, flapping } from './dead.ts';
import { fleet } from './fleet.ts';
import { LinkSystem } from './link-system.ts';
import { answerLost, captivePortal, flippedByte } from './meddled.ts';
import { capped, slowAndLossy } from './slow.ts';

const CASES = [
  ...[dead, slowAndLossy, flapping, answerLost, flippedByte, captivePortal],
  ...[capped, fleet],
];

/** What can happen between the box and the centre. */
export const link = groupOf('link', CASES, (servers) => LinkSystem.start(servers));
