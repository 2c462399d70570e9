/** One command of the core's admin entry; answers its JSON. */
export type AskAdmin = (...args: string[]) => Promise<unknown>;

/** What the processes and people of this system are let in with. */
export interface Setup {
  /** One-time: the edge enrols with it at each start, so that any database knows it. */
  readonly edgeCode: string;
  readonly adminToken: string;
  readonly viewerToken: string;
}

const EDGE_CODE = 'demo-edge';
/** The tokens that are printed live as long as a demo may: a week. */
const TOKEN_MINUTES = String(7 * 24 * 60);

/**
 * Schema, organisation, the edge's code and tokens; and a nursery, where the database is ours
 * alone. What is there already stays.
 */
export async function prepareDatabase(
  admin: AskAdmin,
  { seed }: { readonly seed: boolean },
): Promise<Setup> {
  const token = async (...args: string[]) =>
    ((await admin(...args)) as { readonly token: string }).token;
  // One after the other: the embedded database has one session.
  await admin('migrate', 'up');
  await admin('init');
  if (seed) await admin('seed');
  return {
    edgeCode: await newCode(admin),
    adminToken: await token('token', '--role', 'admin', '--minutes', TOKEN_MINUTES),
    viewerToken: await token('token', '--role', 'viewer', '--minutes', TOKEN_MINUTES),
  };
}

async function newCode(admin: AskAdmin): Promise<string> {
  const boxes = (await admin('edge', 'list')) as readonly { readonly code: string }[];
  const isKnown = boxes.some(({ code }) => code === EDGE_CODE);
  const made = await admin('edge', isKnown ? 'code' : 'add', EDGE_CODE);
  return (made as { readonly enrolment_code: string }).enrolment_code;
}
