/** `wakala doctor` beside a node that runs, and what it makes of whoever answers on the operations port. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRunningNode } from '../../../src/node/commands/running-node.ts';
import { Program } from '../program.ts';

const WAKALA = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../bin/wakala.js');
const CUSTOMERS = 40;
const RUNS = 3;
/** For as many starts of the program beside one that is kept busy. */
const TEST_MS = 150_000;

describe('beside a node at work', () => {
  let program: Program;
  beforeAll(async () => {
    program = new Program();
    await program.start();
  });
  afterAll(() => program.remove());

  it('finds it ready, its ports its own, and no difference in what changes meanwhile', { timeout: TEST_MS }, async () => {
    let atWork = true;
    const customers = Array.from({ length: CUSTOMERS }, (_, i) => `2760000${1_000 + i}`);
    const work = customers.map(async (waId) => {
      while (atWork) await program.text(waId, '2 kota');
    });
    try {
      for (let run = 0; run < RUNS; run++) {
        const { stdout } = await promisify(execFile)(process.execPath, [WAKALA, 'doctor', '--json'], { env: program.environment });
        const { healthy, findings } = JSON.parse(stdout);
        expect(findings).toContainEqual({ name: 'node', ok: true, text: 'runs and is ready' });
        expect(findings).toContainEqual({ name: 'PORT', ok: true, text: `127.0.0.1:${program.port} is the running node's` });
        expect(healthy).toBe(true);
      }
    } finally {
      atWork = false;
      await Promise.all(work);
    }
  });
});

describe('who answers on the operations port', () => {
  let server: Server;
  let answers: Readonly<Record<string, string>>;
  const find = (nodeId: string) => {
    const { port } = server.address() as AddressInfo;
    return findRunningNode({ ops: { host: '127.0.0.1', port }, nodeId } as Parameters<typeof findRunningNode>[0]);
  };
  beforeAll(async () => {
    server = createServer((request, response) => void response.end(answers[request.url ?? ''] ?? 'not for you'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  it('is the running node by its name, chosen or made of host and process, with what keeps it from being ready', async () => {
    answers = {
      '/v1/cluster': '{"node_id":"shop-1"}',
      '/readyz': '{"ready":false,"checks":{"threads":"ok","journal":"the database cannot be written"}}',
    };
    expect(await find('shop-1')).toEqual({ ready: false, problems: ['journal: the database cannot be written'] });
    expect(await find('shop-2')).toBeNull();
    answers = { '/v1/cluster': '{"node_id":"host-1"}', '/readyz': '{"ready":true,"checks":{"threads":"ok"}}' };
    expect(await find(`host-${process.pid}`)).toEqual({ ready: true, problems: [] });
    expect(await find(`other-${process.pid}`)).toBeNull();
  });

  it.each([
    ['something else', {}],
    ['JSON of something else', { '/v1/cluster': '[]', '/readyz': '{}' }],
    ['null', { '/v1/cluster': 'null' }],
  ])('is no node when it is %s', async (_name, said) => {
    answers = said as typeof answers;
    expect(await find(`host-${process.pid}`)).toBeNull();
  });
});
