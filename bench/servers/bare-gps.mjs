/** The ceiling of the GPS bench: threads that only receive frames and decode them. One line with the count on SIGTERM. */

import uws from 'uWebSockets.js';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { decodeBinary } from '../../dist/transport/gps/formats/binary.js';

if (isMainThread) {
  const [port, threads] = [Number(process.argv[2]), Number(process.argv[3])];
  const counts = new Array(threads).fill(0);
  let ready = 0;
  for (let thread = 0; thread < threads; thread++) {
    new Worker(new URL(import.meta.url), { workerData: { port } }).on('message', (count) => {
      if (count === 'listening') {
        if (++ready === threads) console.log('ready');
      } else counts[thread] = count;
    });
  }
  process.on('SIGUSR2', () => console.log(JSON.stringify({ positions: counts.reduce((sum, count) => sum + count, 0) })));
  // An orderly exit would abort over the sockets that uWebSockets still holds in the threads' loops.
  process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
} else {
  let positions = 0;
  uws
    .App()
    .ws('/v1/driver/socket', {
      maxPayloadLength: 262_144,
      idleTimeout: 60,
      message: (_ws, message) => {
        const decoded = decodeBinary(message);
        if (decoded.ok) positions += decoded.fixes.length;
      },
    })
    .listen('127.0.0.1', workerData.port, (socket) => parentPort.postMessage(socket ? 'listening' : 'failed'));
  setInterval(() => parentPort.postMessage(positions), 100);
}
