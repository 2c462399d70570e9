/** One thing the doctor looked at. */
export interface Finding {
  readonly what: string;
  /** `note`: it works without, but somebody should know. */
  readonly state: 'ok' | 'note' | 'bad';
  readonly says: string;
  /** What to do about it. */
  readonly mend?: string;
}

export function ok(what: string, says: string): Finding {
  return { what, state: 'ok', says };
}

export function note(what: string, says: string, mend?: string): Finding {
  return { what, state: 'note', says, mend };
}

export function bad(what: string, says: string, mend: string): Finding {
  return { what, state: 'bad', says, mend };
}
