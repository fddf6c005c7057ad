/** The other end of the cross-thread bench: decodes every message with the production link and counts. */
import { parentPort } from 'node:worker_threads';
import { Link } from '../../dist/runtime/thread/link.js';

parentPort.on('message', ({ port, expected }) => {
  let seen = 0;
  new Link(port, { messages: 8_192, bytes: 4 * 1024 * 1024 }, (message) => {
    if (message.m.type === 'receive' && ++seen === expected) {
      seen = 0;
      parentPort.postMessage('done');
    }
  });
});
