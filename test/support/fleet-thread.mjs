/** A worker thread that serves nothing: tells on a channel when it has loaded, what it was told to be and whom it has lost, and dies when it is asked to. */
import process from 'node:process';
import { parentPort, threadId } from 'node:worker_threads';

const channel = new BroadcastChannel('fleet-thread');
channel.onmessage = ({ data }) => {
  if (data.die === threadId) process.exit(1);
};
parentPort.on('message', (message) => {
  if (message.type === 'crash') throw new Error('as asked');
  if (message.type === 'drain') parentPort.postMessage({ type: 'drained' });
  if (message.type === 'lost') channel.postMessage({ is: 'lost', threadId, thread: message.thread });
  if (message.type !== 'start') return;
  if (message.start.isDoomed) process.exit(1);
  channel.postMessage({ is: 'started', threadId, thread: message.start.thread });
  parentPort.postMessage({ type: 'listening' });
});
channel.postMessage({ is: 'loaded', threadId });
