/** What goes wrong behind a tracking link's socket: the caller hears 500 and an engineer hears why. */
import { afterEach, expect, it } from 'vitest';
import type { HttpApp } from '../../src/transport/http/server/app.ts';
import { registerTrackingSocket } from '../../src/transport/tracking/socket.ts';
import { raw } from '../http/support.ts';
import { plainApp } from '../support/plain-app.ts';
import { handshake } from './clients.ts';
import { KEY, tokenFor } from './world.ts';

let app: HttpApp;
afterEach(() => app.abandon());

it('a defect while the link is opened is told to the app, and to the caller only as 500', async () => {
  const plain = plainApp();
  app = plain.app;
  const bug = new TypeError('no such thing');
  registerTrackingSocket({ app, hub: { admit: () => undefined, open: () => Promise.reject(bug) }, key: KEY });
  const port = app.listen('127.0.0.1', 0);
  const reply = await raw(port, handshake(`/v1/track/${tokenFor()}/socket`), /\}$/);
  expect(reply).toMatch(/^HTTP\/1.1 500 /);
  expect(reply).not.toContain('no such thing');
  expect(plain.defects).toEqual([bug]);
});
