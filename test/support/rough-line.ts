/** A TCP line to a Unix socket that breaks as networks do: before a request, in the middle of one, after it, or in the middle of its answer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * - `cut`: at once, the chunk is lost.
 * - `half`: a part of the chunk arrives, then the line is gone.
 * - `deaf`: the chunk arrives whole, its answer never comes back.
 * - `half answer`: the chunk arrives whole, a part of its answer comes back.
 */
const TROUBLES = ['cut', 'half', 'deaf', 'half answer'] as const;

type Trouble = (typeof TROUBLES)[number];

export interface RoughLine {
  readonly port: number;
  /** How often the line broke, by trouble. */
  readonly broke: Readonly<Record<Trouble, number>>;
  /** Every so many chunks of requests, whichever connection brings them, the next trouble happens; 0: none. */
  breakEvery(chunks: number): void;
  close(): Promise<void>;
}

export async function roughLine(socketPath: string): Promise<RoughLine> {
  const broke = { cut: 0, half: 0, deaf: 0, 'half answer': 0 };
  const open = new Set<Socket>();
  let every = 0;
  let chunks = 0;
  let next = 0;

  function troubleNow(): Trouble | null {
    if (every === 0 || ++chunks % every !== 0) return null;
    const trouble = TROUBLES[next++ % TROUBLES.length] as Trouble;
    broke[trouble]++;
    return trouble;
  }

  const server = createServer((client) => {
    const database = connect(socketPath);
    let answers: 'all' | 'none' | 'half' = 'all';
    const end = (): void => {
      for (const socket of [client, database]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, database]) open.add(socket.on('error', end).on('close', end));
    client.on('data', (chunk) => {
      const trouble = troubleNow();
      if (trouble === 'cut') end();
      else if (trouble === 'half') database.write(chunk.subarray(0, chunk.length >> 1), end);
      else {
        if (trouble !== null) answers = trouble === 'deaf' ? 'none' : 'half';
        database.write(chunk);
      }
    });
    database.on('data', (chunk) => {
      if (answers === 'all') client.write(chunk);
      else if (answers === 'none') end();
      else client.write(chunk.subarray(0, chunk.length >> 1), end);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    broke,
    breakEvery: (count) => {
      every = count;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
