/** The embedded server of a living process: others may use it, and never end it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../../src/persistence/embedded/embedded-postgres.ts';
import { claimFolder, releaseFolder } from '../../../src/persistence/embedded/owner.ts';
import { isAlive } from '../../../src/persistence/embedded/postmaster.ts';
import { superviseEmbedded } from '../../../src/persistence/embedded/supervised-postgres.ts';

let folder: string;
let dir: string;
const running: EmbeddedServer[] = [];
const others: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wakala-owner-'));
  dir = path.join(folder, 'pg');
});
afterEach(async () => {
  for (const other of others.splice(0)) other.kill('SIGKILL');
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that has claimed the folder, and lives until it is killed. */
async function otherOwner(): Promise<ChildProcess> {
  const module = new URL('../../../src/persistence/embedded/owner.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(module)}).then((it) => { it.claimFolder(${JSON.stringify(dir)}); console.log('claimed'); setInterval(() => 0, 1e6); })`;
  const other = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  others.push(other);
  await once(other.stdout as NodeJS.ReadableStream, 'data');
  return other;
}

/** Processes that claim the same folders in the same order, as soon as all of them can, and live until they are killed. */
async function rivals(count: number, dirs: readonly string[]): Promise<readonly (readonly (number | null)[])[]> {
  const module = new URL('../../../src/persistence/embedded/owner.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(module)}).then(({ claimFolder }) => {
    console.log('ready');
    process.stdin.once('data', (dirs) => console.log(JSON.stringify(JSON.parse(dirs).map((dir) => claimFolder(dir)))));
  })`;
  const processes = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  others.push(...processes);
  await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')));
  const claimed = processes.map(({ stdout }) => once(createInterface(stdout), 'line'));
  for (const { stdin } of processes) stdin.write(JSON.stringify(dirs));
  return (await Promise.all(claimed)).map(([line]) => JSON.parse(line as string));
}

describe('a server that another living process runs', () => {
  it('is shared: stopping it here leaves it running', async () => {
    const server = await startEmbedded({ dir, settings: { shared_buffers: '32MB' } });
    running.push(server);
    releaseFolder(dir);
    await otherOwner();
    const shared = await superviseEmbedded({ dir, onTrouble: () => undefined });
    expect([shared.pid, shared.isShared]).toEqual([server.pid, true]);
    await shared.stop();
    expect(isAlive(server.pid)).toBe(true);
    expect(existsSync(path.join(dir, 'postmaster.pid'))).toBe(true);
  });
});

describe('a server whose owner is gone', () => {
  /** Claims the folder, runs the server, and stops it when told to, as `wakala doctor` does. */
  async function otherServer(): Promise<ChildProcess> {
    const module = new URL('../../../src/persistence/embedded/embedded-postgres.ts', import.meta.url).href;
    const options = JSON.stringify({ dir, settings: { shared_buffers: '32MB' } });
    const code = `import(${JSON.stringify(module)}).then(async ({ startEmbedded }) => {
      const server = await startEmbedded(${options});
      console.log('started');
      process.stdin.once('data', () => server.stop().then(() => process.exit()));
    })`;
    const other = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
    others.push(other);
    await once(other.stdout, 'data');
    return other;
  }
  async function share(): Promise<EmbeddedServer> {
    const server = await superviseEmbedded({ dir, settings: { shared_buffers: '32MB' }, onTrouble: () => undefined });
    running.push(server);
    expect(server.isShared).toBe(true);
    return server;
  }

  it('and that was stopped by it is started again at the same address by who shared it, and stopped with that', async () => {
    const other = await otherServer();
    const server = await share();
    const { pid, host, port } = server;
    other.stdin?.write('end');
    await expect.poll(() => server.isShared, { timeout: 20_000 }).toBe(false);
    expect(server.pid).not.toBe(pid);
    expect([server.host, existsSync(path.join(host, `.s.PGSQL.${port}`))]).toEqual([host, true]);
    await server.stop();
    expect(existsSync(path.join(dir, 'postmaster.pid'))).toBe(false);
  });

  it('and that lives on is run by who shared it', async () => {
    const other = await otherServer();
    const server = await share();
    const { pid } = server;
    other.kill('SIGKILL');
    await expect.poll(() => server.isShared, { timeout: 20_000 }).toBe(false);
    expect(server.pid).toBe(pid);
    await server.stop();
    expect(existsSync(path.join(dir, 'postmaster.pid'))).toBe(false);
  });
});

describe('a data folder', () => {
  it('of a living process cannot be claimed, that of a killed one can', async () => {
    const other = await otherOwner();
    expect(claimFolder(dir)).toBe(other.pid);
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
    expect(claimFolder(dir)).toBeNull();
    releaseFolder(dir);
    expect(existsSync(`${dir}.owner`)).toBe(false);
  });

  it('is not kept by a process that only has the number of its dead owner', async () => {
    const other = await otherOwner();
    const [pid] = readFileSync(`${dir}.owner`, 'utf8').split(' ');
    writeFileSync(`${dir}.owner`, `${pid} 1\n`);
    expect(isAlive(other.pid as number)).toBe(true);
    expect(claimFolder(dir)).toBeNull();
  });

  it('whose claim is still empty is taken from nobody who may just be writing its name: only after a second', () => {
    const file = `${dir}.owner`;
    writeFileSync(file, '');
    const emptySinceMs = statSync(file).mtimeMs;
    expect(claimFolder(dir)).toBeNull();
    expect(Date.now() - emptySinceMs).toBeGreaterThanOrEqual(1_000);
  });

  it.each([-60, 60])('whose claim was left empty by a kill is free at once, also by a clock that is %i s off', (ageS) => {
    const file = `${dir}.owner`;
    writeFileSync(file, '');
    const atS = Date.now() / 1_000 + ageS;
    utimesSync(file, atS, atS);
    const beganMs = Date.now();
    expect(claimFolder(dir)).toBeNull();
    expect(Date.now() - beganMs).toBeLessThan(1_000);
  });

  it.each([
    ['that nobody has claimed', false],
    ['of a dead owner', true],
  ])("%s is one process's, of several that come for it at the same moment", async (_, isLeft) => {
    const dirs = Array.from({ length: 300 }, (_, i) => path.join(folder, `pg${i}`));
    if (isLeft) for (const each of dirs) writeFileSync(`${each}.owner`, '999999999 1\n');
    const claims = await rivals(3, dirs);
    const owners = dirs.map((_, i) => claims.filter((claim) => claim[i] === null).length);
    expect(owners.filter((count) => count !== 1)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(dirs.map((each) => `${path.basename(each)}.owner`).sort());
  });
});
