import { Journal, JournalDamaged } from './journal.ts';

/**
 * Checks the journal named by its argument and says "whole" or "damaged": a process of its own,
 * because among 100,000 photos it takes a core for seconds (journal-check.ts).
 */
const journal = Journal.openBeside(process.argv[2] ?? '');
try {
  journal.requireIntegrity();
  console.log('whole');
} catch (error) {
  if (!(error instanceof JournalDamaged)) throw error;
  console.log('damaged');
} finally {
  journal.closeReader();
}
