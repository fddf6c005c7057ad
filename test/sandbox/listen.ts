/** The sandbox's routes and the fake webhook on the real HTTP layer, on a free port. */
import { registerSandbox } from '../../src/transport/sandbox/routes.ts';
import { plainApp } from '../support/plain-app.ts';
import type { FakeWorld } from './fake-world.ts';

export interface Listening {
  readonly url: string;
  /** Errors that no handler expected; a test that ends with any has found a bug. */
  readonly defects: unknown[];
  close(): Promise<unknown>;
}

export function listen(world: FakeWorld, port = 0): Listening {
  const { app, defects } = plainApp();
  registerSandbox(app, world.deps());
  app.route(
    'POST',
    '/webhooks/whatsapp',
    (request) => {
      const { status, body } = world.webhook(request.body, request.header('x-hub-signature-256'));
      return { status, headers: { 'content-type': 'application/problem+json' }, body };
    },
    { headers: ['x-hub-signature-256'] },
  );
  const url = `http://127.0.0.1:${app.listen('127.0.0.1', port)}`;
  world.baseUrl = url;
  return { url, defects, close: () => app.drain(1_000) };
}
