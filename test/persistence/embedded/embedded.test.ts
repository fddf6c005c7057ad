/** The embedded server: found again after a crash of ours, started again after one of its own, nothing left behind. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../../src/persistence/embedded/embedded-postgres.ts';
import { childrenOf, isAlive, processesIn } from '../../../src/persistence/embedded/postmaster.ts';
import { superviseEmbedded } from '../../../src/persistence/embedded/supervised-postgres.ts';
import { connectClient } from '../../../src/persistence/postgres/connect.ts';

let folder: string;
const running: EmbeddedServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-embedded-'));
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A server at work gets its share of a busy machine in less. */
const STALL_MS = 1_000;
/** Of `postmaster.pid`. */
const STATUS_LINE = 7;

const options = () => ({ dir: path.join(folder, 'pg'), settings: { shared_buffers: '32MB' } });

async function answer(server: EmbeddedServer): Promise<number> {
  const address = { host: server.host, port: server.port, user: server.user, database: server.database };
  const client = await connectClient({ address, role: null, statementTimeoutMs: 5_000 }, () => undefined);
  const { rows } = await client.query<{ one: number }>('select 1 as one').finally(() => client.end());
  return rows[0]?.one ?? 0;
}

describe('a server', () => {
  it('that outlived its starter is adopted, not started twice', async () => {
    const first = await startEmbedded(options());
    const events: string[] = [];
    const second = await startEmbedded({ ...options(), onEvent: (event) => events.push(event) });
    running.push(second);
    expect(second.pid).toBe(first.pid);
    expect(events).toEqual(['adopted']);
  });

  describe('that was recovering when its starter was killed', () => {
    const statusOf = (status: string): void => {
      const file = path.join(folder, 'pg/postmaster.pid');
      const lines = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, lines.map((line, i) => (i === STATUS_LINE ? status.padEnd(8) : line)).join('\n'));
    };

    it('is waited for as long as it gets on, and adopted when it is ready', async () => {
      const first = await startEmbedded(options());
      const { host, port, user, database } = first;
      const client = await connectClient(
        { address: { host, port, user, database }, role: null, statementTimeoutMs: 60_000 },
        () => undefined,
      );
      statusOf('starting');
      let ended: string | null = null;
      // What recovers is at work: rows that are counted as they come. Rows in `from` would be put on the disk first, and waited for.
      const busy = client.query('select count(*) from (select generate_series(1, 1000000000000)) rows').catch(() => undefined);
      const begunMs = performance.now();
      const second = startEmbedded({ ...options(), stallMs: STALL_MS, onEvent: (event) => (ended = event) });
      second.catch(() => (ended = 'refused'));
      await expect.poll(() => ended ?? performance.now() - begunMs).toBeGreaterThan(3 * STALL_MS);
      expect(ended).toBeNull();
      statusOf('ready');
      running.push(await second);
      expect([(await second).pid, ended]).toEqual([first.pid, 'adopted']);
      await (await second).stop(100).catch(() => undefined);
      await busy;
      await client.end().catch(() => undefined);
    });

    it('is refused when it gets on no more', async () => {
      const first = await startEmbedded(options());
      running.push(first);
      statusOf('starting');
      const all = processesIn(path.join(folder, 'pg'));
      for (const pid of all) process.kill(pid, 'SIGSTOP');
      try {
        await expect(startEmbedded({ ...options(), stallMs: 200 })).rejects.toThrow(/in use by process/);
      } finally {
        for (const pid of all) process.kill(pid, 'SIGCONT');
      }
    });
  });

  it('that says nothing is not adopted because its socket takes connections: it is frozen, or was killed a moment ago', async () => {
    const first = await startEmbedded(options());
    running.push(first);
    process.kill(first.pid, 'SIGSTOP');
    try {
      await expect(startEmbedded({ ...options(), stallMs: 200 })).rejects.toThrow(/in use by process/);
    } finally {
      process.kill(first.pid, 'SIGCONT');
    }
    expect((await startEmbedded(options())).pid).toBe(first.pid);
  });

  it('that was killed is started again with its data, and its old socket is gone', async () => {
    const first = await startEmbedded(options());
    process.kill(first.pid, 'SIGKILL');
    const second = await startEmbedded(options());
    running.push(second);
    expect(second.pid).not.toBe(first.pid);
    expect(existsSync(first.host)).toBe(false);
    expect(await answer(second)).toBe(1);
  });

  it('under supervision comes back at the same address when it ends by itself', async () => {
    const troubles: string[] = [];
    const server = await superviseEmbedded({ ...options(), onTrouble: (text) => troubles.push(text) });
    running.push(server);
    const { host, pid } = server;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => server.pid, { timeout: 20_000 }).not.toBe(pid);
    expect(server.host).toBe(host);
    expect(await answer(server)).toBe(1);
    expect(troubles).toEqual(['embedded PostgreSQL ended by itself']);
  });

  it('that somebody else told to stop does not wait for our connections for ever: it is ended and started again', async () => {
    const troubles: string[] = [];
    const server = await superviseEmbedded({ ...options(), onTrouble: (text) => troubles.push(text) });
    running.push(server);
    const { host, port, user, database, pid } = server;
    const kept = await connectClient({ address: { host, port, user, database }, role: null, statementTimeoutMs: 5_000 }, () => undefined);
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => server.pid, { timeout: 20_000 }).not.toBe(pid);
    await kept.end().catch(() => undefined);
    expect(await answer(server)).toBe(1);
    expect(troubles).toEqual([expect.stringContaining('told to stop by somebody else'), 'embedded PostgreSQL ended by itself']);
  });

  it('that is frozen is killed with all its processes when it is to stop, in the time given, and starts again with what was committed', async () => {
    const server = await superviseEmbedded({ ...options(), onTrouble: () => undefined });
    const { host, port, user, database, pid } = server;
    const client = await connectClient({ address: { host, port, user, database }, role: null, statementTimeoutMs: 5_000 }, () => undefined);
    await client.query('create table kept as select 42 as word');
    // First, so that it starts no other meanwhile.
    process.kill(pid, 'SIGSTOP');
    for (const child of childrenOf(pid)) process.kill(child, 'SIGSTOP');
    await expect(server.stop(100)).rejects.toThrow(`PostgreSQL ${pid} did not stop in`);
    await client.end().catch(() => undefined);
    const next = await startEmbedded(options());
    running.push(next);
    const address = { host: next.host, port: next.port, user: next.user, database: next.database };
    const again = await connectClient({ address, role: null, statementTimeoutMs: 5_000 }, () => undefined);
    const { rows } = await again.query('select word from kept').finally(() => again.end());
    expect(rows).toEqual([{ word: 42 }]);
  });

  it('whose start waits for what a dead one left is not waited for when it is to stop: what is left of it is killed, and nobody else', async () => {
    const troubles: string[] = [];
    const server = await superviseEmbedded({ ...options(), onTrouble: (text) => troubles.push(text) });
    const left = childrenOf(server.pid);
    const stranger = Number(spawnSync('sh', ['-c', 'sleep 600 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).stdout);
    try {
      for (const pid of left) process.kill(pid, 'SIGSTOP');
      process.kill(server.pid, 'SIGKILL');
      await expect.poll(() => isAlive(server.pid), { timeout: 20_000 }).toBe(false);
      // The number of the dead one was given to somebody else.
      const file = path.join(folder, 'pg/postmaster.pid');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(stranger)));
      await expect.poll(() => troubles, { timeout: 20_000 }).toEqual(['embedded PostgreSQL ended by itself']);
      // Far less than the 20 s for which a start waits for such processes, and time enough on a busy machine.
      await server.stop(5_000);
      expect(troubles).toHaveLength(1);
      expect(isAlive(stranger)).toBe(true);
      expect(processesIn(path.join(folder, 'pg'))).toEqual([]);
    } finally {
      for (const pid of [stranger, ...left.filter(isAlive)]) process.kill(pid, 'SIGKILL');
    }
  });

  it('starts for root also in a folder that is closed to others, where user namespaces are refused as in most containers', async () => {
    const refusing = path.join(folder, 'bin');
    mkdirSync(refusing);
    writeFileSync(path.join(refusing, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const before = process.env.PATH ?? '';
    process.env.PATH = `${refusing}:${before}`;
    try {
      const server = await startEmbedded(options());
      running.push(server);
      expect(await answer(server)).toBe(1);
    } finally {
      process.env.PATH = before;
    }
  });

  it('that was stopped stays stopped, and leaves no socket', async () => {
    const server = await superviseEmbedded({ ...options(), onTrouble: () => undefined });
    await server.stop();
    expect(existsSync(server.host)).toBe(false);
    await expect(answer(server)).rejects.toThrow();
  });
});
