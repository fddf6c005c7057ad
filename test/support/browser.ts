/** The browser that page tests run in. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/**
 * For whatever a page shows in the end. The pauses of the driver's app double, up to 30 s: on a slow machine the short ones are over before
 * a test gives the network back.
 */
export const STEP_TIMEOUT_MS = 40_000;
const CHROMIUM = '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'];

/** @throws Error that says what to install */
export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`no browser at ${CHROMIUM}; install it with: apt-get install chromium`);
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}
