import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface TestBrowser {
  readonly context: BrowserContext;
  /** Opens a page and collects what its console and its errors say. */
  open(url: string, size?: { width: number; height: number }): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

export async function startBrowser(options: { colorScheme?: 'dark' | 'light' } = {}): Promise<TestBrowser> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'scram-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    headless: true,
    viewport: { width: 1440, height: 900 },
    colorScheme: options.colorScheme ?? 'dark',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  return {
    context,
    async open(url, size) {
      const page = await context.newPage();
      if (size) await page.setViewportSize(size);
      const complaints: string[] = [];
      page.on('console', (line) => {
        if (line.type() === 'error' || line.type() === 'warning') complaints.push(`${line.type()}: ${line.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
      await page.goto(url);
      return { page, complaints };
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
