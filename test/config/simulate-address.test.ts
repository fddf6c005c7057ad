/** Where `simulate city` looks for the server of its own configuration. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { simulateCity } from '../../src/simulate/city/command.ts';

/** Nobody may listen there without rights, and nobody does. */
const PORT = '1';
const OPTIONS = { drivers: '1', ordersPerHour: '1', minutes: '1', seed: '1', speed: '8', radius: '1000' };

const dir = mkdtempSync(path.join(tmpdir(), 'wakala-address-'));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a server that listens on all addresses, of either family, is looked for at this machine', async () => {
  for (const [host, url] of [
    ['0.0.0.0', 'http://127.0.0.1:1'],
    ['::', 'http://[::1]:1'],
    ['::1', 'http://[::1]:1'],
  ] as const) {
    const loaded = loadConfig({ HOST: host, PORT, WAKALA_DATA_DIR: dir });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const looking = simulateCity(loaded.config, OPTIONS, () => undefined, new AbortController().signal);
    await expect(looking).rejects.toMatchObject({ code: 'simulate.no_server', message: expect.stringContaining(`${url} does not answer`) });
  }
});
