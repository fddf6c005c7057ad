/** The other end of the cross-thread bench: decodes every message with the production link and counts. */
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { Link } = await import('../../src/runtime/thread/link.ts');
parentPort.on('message', ({ port, expected }) => {
  let seen = 0;
  new Link(port, (message) => {
    if (message.m.type === 'receive' && ++seen === expected) {
      seen = 0;
      parentPort.postMessage('done');
    }
  });
});
