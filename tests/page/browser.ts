import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Nothing that would ask other hosts for anything by itself. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page of its own session, and what it did that it should not. */
export interface WatchedPage {
  readonly page: Page;
  /** Requests to other origins, errors and warnings of the console, uncaught errors. */
  readonly faults: readonly string[];
  /** Takes back faults that a test has made on purpose; answers how many. */
  forgive(pattern: RegExp): number;
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  // Far more than anything takes: a machine may be ten times slower.
  page.setDefaultTimeout(90_000);
  const faults: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`request to ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  const forgive = (pattern: RegExp) => {
    const kept = faults.filter((fault) => !pattern.test(fault));
    return faults.splice(0, faults.length, ...kept).length - kept.length;
  };
  return { page, faults, forgive };
}
