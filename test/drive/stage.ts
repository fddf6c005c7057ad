/** The driver's app in a browser of the test file's own: a phone and a fake afresh for each test, and nothing that either complains of. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openPhone, type Phone, type Server, serve } from './browser.ts';
import { FakeDispatch } from './fake-dispatch.ts';

interface Stage {
  readonly fake: FakeDispatch;
  readonly server: Server;
  readonly phone: Phone;
}

interface Opening {
  /** The driver is on a shift already. */
  readonly isOnline?: boolean;
  /** What the phone opens; default: the app, signed in. */
  readonly path?: string;
  /** What has to be on the page before the test begins. */
  readonly shows?: string;
}

/** @param set is given the stage of each test before it begins. */
export function onStage(set: (stage: Stage) => void, { isOnline = false, path, shows }: Opening): void {
  let browser: Browser;
  let stage: Stage;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    const fake = new FakeDispatch();
    if (isOnline) fake.goOnline();
    const server = serve(fake);
    stage = { fake, server, phone: await openPhone(browser, server, path) };
    set(stage);
    if (shows !== undefined) await stage.phone.page.waitForSelector(shows);
  });
  afterEach(async () => {
    const { fake, server, phone } = stage;
    await phone.context.close();
    await server.close();
    expect([server.defects, fake.faults, phone.problems]).toEqual([[], [], []]);
  });
}
