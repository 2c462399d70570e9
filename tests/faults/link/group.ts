import { groupOf } from '../fault-case.ts';
import { dead, flapping } from './dead.ts';
import { LinkSystem } from './link-system.ts';
import { answerLost, captivePortal, flippedByte } from './meddled.ts';

const CASES = [dead, flapping, answerLost, flippedByte, captivePortal];

/** What can happen between the box and the centre. */
export const link = groupOf('link', CASES, (servers) => LinkSystem.start(servers));
