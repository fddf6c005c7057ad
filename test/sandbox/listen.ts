/** The sandbox's routes and the fake webhook on the real HTTP layer, on a free port. */
import { HttpApp } from '../../src/transport/http/app.ts';
import { registerSandbox } from '../../src/transport/sandbox/routes.ts';
import type { FakeWorld } from './fake-world.ts';

export interface Listening {
  readonly url: string;
  /** Errors that no handler expected; a test that ends with any has found a bug. */
  readonly defects: unknown[];
  close(): Promise<unknown>;
}

export function listen(world: FakeWorld, port = 0): Listening {
  const defects: unknown[] = [];
  const app = new HttpApp({
    maxInFlight: 100,
    bodyMaxBytes: 1_048_576,
    bodyTimeoutMs: 5_000,
    requestTimeoutMs: 15_000,
    nowMs: () => Date.now(),
    onDefect: (error) => defects.push(error),
  });
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
