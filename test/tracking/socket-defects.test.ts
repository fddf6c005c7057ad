/** What goes wrong behind a tracking link's socket: the caller hears 500 and an engineer hears why. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Problem } from '../../src/transport/http/problem.ts';
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

it('a defect while the answer is written is told to the app, and ends nothing but that call', async () => {
  const plain = plainApp();
  app = plain.app;
  const bug = new TypeError('no such header');
  const refusal = Object.defineProperty(new Problem('request.overloaded'), 'extras', {
    get: () => {
      throw bug;
    },
  });
  registerTrackingSocket({ app, hub: { admit: () => undefined, open: () => Promise.reject(refusal) }, key: KEY });
  const port = app.listen('127.0.0.1', 0);
  const caller = connect(port, '127.0.0.1', () => caller.write(handshake(`/v1/track/${tokenFor()}/socket`)));
  await expect.poll(() => plain.defects).toEqual([bug]);
  caller.destroy();
  expect(await raw(port, handshake('/v1/track/guess/socket'), /\}$/)).toMatch(/^HTTP\/1.1 404 /);
});
