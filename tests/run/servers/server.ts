/** What every server of the tests is to the runner. */

export interface RunningServer {
  /** Names and values for the tests. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface TestServer {
  readonly name: string;
  /** Variables that name a server to be used instead; all must be set. */
  readonly variables: readonly string[];
  /** Debian packages it comes from, while `isInstalled` says no. */
  readonly packages: readonly string[];
  isInstalled(): boolean;
  /** Starts it in a folder of its own. Throws with what is missing and how to mend it. */
  start(folder: string): Promise<RunningServer>;
}
