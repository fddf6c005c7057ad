/**
 * The entry of a worker thread: told who it is, it builds this thread's store, runtime and front door, and listens. Wiring only;
 * every rule lives in what it wires.
 */
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerStart } from '../control.ts';
import { startThread, type ThreadService } from './thread-service.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread');

function send(message: FromWorker): void {
  port?.postMessage(message);
}

/** Links that arrive while the thread is still starting. */
const early: ToWorker[] = [];
let service: ThreadService | null = null;
const reopening = new Map<number, (holds: Extract<ToWorker, { type: 'reopened' }>['holds']) => void>();
let lastReopenId = 0;

async function handle(message: ToWorker): Promise<void> {
  if (message.type === 'start') {
    await begin(message.start);
    return;
  }
  if (message.type === 'reopened') {
    reopening.get(message.id)?.(message.holds);
    reopening.delete(message.id);
    return;
  }
  if (service === null) {
    early.push(message);
    return;
  }
  switch (message.type) {
    case 'connect':
      service.runtime.mesh.connect(message.thread, message.port);
      return;
    case 'lost':
      service.runtime.lostThread(message.thread);
      return;
    case 'seed':
      send({
        type: 'seeded',
        problem: await service.seed().then(
          () => null,
          (error: Error) => error.message,
        ),
      });
      return;
    case 'stats':
      send({ type: 'stats', id: message.id, stats: await service.stats() });
      return;
    case 'drain':
      await service.drain();
      send({ type: 'drained' });
      return;
    case 'crash':
      throw new Error('ended by an operator');
    default:
      throw new TypeError(`unexpected ${String((message satisfies never as { type?: unknown }).type)}`);
  }
}

async function begin(start: WorkerStart): Promise<void> {
  try {
    service = await startThread(start, {
      reopen: (shards) =>
        new Promise((resolve, reject) => {
          const id = ++lastReopenId;
          reopening.set(id, (holds) => (holds === null ? reject(new Error('shards not proven')) : resolve(new Map(holds))));
          send({ type: 'reopen', id, shards });
        }),
      fatal: (code, message) => {
        send({ type: 'failed', code, message });
        process.exit(1);
      },
    });
    for (const message of early.splice(0)) await handle(message);
    send({ type: 'listening' });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    send({
      type: 'failed',
      code: typeof code === 'string' ? code : 'worker.start_failed',
      message: error instanceof Error ? error.message : 'unknown',
    });
    // What it has opened would keep it, and with it the process, alive.
    process.exit(1);
  }
}

port.on('message', (message: ToWorker) => void handle(message));
// An uncaught throw and `process.exit` both come through here; `Worker.terminate` does not, so nobody calls it on a thread that listens.
process.on('exit', () => service?.abandon());
