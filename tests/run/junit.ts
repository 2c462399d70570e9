import { XMLParser } from 'fast-xml-parser';

export interface Counts {
  passed: number;
  /** `file > group > test` of each. */
  failed: string[];
  skipped: string[];
}

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly file: string;
  readonly failure?: unknown;
  readonly error?: unknown;
  readonly skipped?: unknown;
}

interface SuiteNode {
  readonly testcase?: readonly Case[];
  readonly testsuite?: readonly SuiteNode[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

/** Counts of a report that `bun test --reporter=junit` wrote. */
export function readJunit(xml: string): Counts {
  const counts: Counts = { passed: 0, failed: [], skipped: [] };
  const document = parser.parse(xml) as { testsuites?: SuiteNode };
  if (typeof document.testsuites === 'object') visit(document.testsuites, counts);
  return counts;
}

function visit(node: SuiteNode, counts: Counts): void {
  for (const testCase of node.testcase ?? []) {
    const name = [testCase.file, testCase.classname, testCase.name].filter(Boolean).join(' > ');
    if (testCase.skipped !== undefined) counts.skipped.push(name);
    else if (testCase.failure !== undefined || testCase.error !== undefined)
      counts.failed.push(name);
    else counts.passed++;
  }
  for (const child of node.testsuite ?? []) visit(child, counts);
}
