/** What goes wrong outside gets a clear answer, disturbs nobody else, and heals without a restart. */
import { execFile } from 'node:child_process';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../program.ts';

const WAKALA = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../bin/wakala.js');
const run = promisify(execFile);

interface Failed {
  readonly code: number;
  readonly stderr: string;
}

const serve = (env: Readonly<Record<string, string>>): Promise<Failed> =>
  run(process.execPath, [WAKALA, 'serve'], { env: { PATH: process.env.PATH ?? '', ...env } }).then(
    () => ({ code: 0, stderr: '' }),
    (error: Failed) => ({ code: error.code, stderr: error.stderr }),
  );

describe('a start that cannot work', () => {
  it('names every bad value at once and ends with 78', async () => {
    const failed = await serve({ PORT: '99999999', WAKALA_WORKERS: 'many', WAKALA_JWT_SECRET: 'short' });
    expect(failed.code).toBe(78);
    for (const name of ['PORT', 'WAKALA_WORKERS', 'WAKALA_JWT_SECRET']) expect(failed.stderr).toContain(name);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const failed = await serve({
      PORT: String(port),
      WAKALA_OPS_PORT: '0',
      WAKALA_DATA_DIR: path.join('/tmp', `wakala-taken-${process.pid}`),
    });
    other.close();
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain('config.port_taken');
  });
});

describe('a running program', () => {
  const program = new Program({ WAKALA_MAILBOX_CAPACITY: '16' });
  beforeAll(() => program.start());
  afterAll(() => program.remove());
  const works = async (waId: string) => expect((await program.text(waId, 'hi')).status).toBe(200);

  it('refuses a wrong signature', async () => {
    expect((await program.postRaw('{}', `sha256=${'0'.repeat(64)}`)).status).toBe(401);
    expect((await program.postRaw('{}', 'nonsense')).status).toBe(401);
  });

  it('keeps a signed body that is not JSON for a person, and is not asked for it again', async () => {
    expect((await program.postRaw('{"object":')).status).toBe(200);
    await works('27600004001');
  });

  it('tells which methods the webhook has', async () => {
    const answer = await fetch(`http://127.0.0.1:${program.port}/webhooks/whatsapp`, { method: 'PUT', body: '{}' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('refuses 5 MB', async () => {
    expect((await program.postRaw(Buffer.alloc(5 * 1024 * 1024, 0x20))).status).toBe(413);
    await works('27600004002');
  });

  it('is not disturbed by a client that goes away or never finishes', async () => {
    const head = 'POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nx-hub-signature-256: sha256=00\r\n\r\n{"a":';
    const gone = connect(program.port, '127.0.0.1');
    gone.write(head, () => gone.destroy());
    const slow = connect(program.port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      slow.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      slow.once('close', () => resolve(text));
    });
    slow.write(head);
    await works('27600004003');
    expect(await answer).toMatch(/^HTTP\/1\.1 408/);
  });

  it('tells a flood of one customer to come again, and stores whatever it acknowledged', async () => {
    const waId = '27600004004';
    const wave = (from: number) =>
      Promise.all(
        Array.from({ length: 500 }, (_, i) => program.text(waId, 'hi', `flood${from + i}`).then((answer) => ({ i: from + i, ...answer }))),
      );
    const answers = await wave(0);
    // A client that is slower than the program is no flood yet.
    while (answers.every((answer) => answer.status === 200)) answers.push(...(await wave(answers.length)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 503]));
    expect(answers.filter((answer) => answer.status === 503).every((answer) => answer.retryAfter === '1')).toBe(true);
    const stored = new Set(
      (await program.all<{ whatsapp_id: string }>(`/v1/messages?wa_id=${waId}&direction=in`)).map((message) => message.whatsapp_id),
    );
    expect(answers.filter((answer) => answer.status === 200 && !stored.has(`wamid.flood${answer.i}`))).toEqual([]);
  });

  it('replaces a worker thread that dies; its conversations go on', async () => {
    const waIds = Array.from({ length: 8 }, (_, i) => `2760000500${i}`);
    // The flood before may still be under way; Meta would come again, too.
    for (const waId of waIds) await expect.poll(async () => (await program.text(waId, '2 kota', `kota-${waId}`)).status).toBe(200);
    for (const thread of [0, 1]) {
      expect((await fetch(`http://127.0.0.1:${program.opsPort}/v1/threads/${thread}/replace`, { method: 'POST' })).status).toBe(202);
      await expect
        .poll(async () =>
          (
            await Promise.all(
              waIds.map((waId) =>
                program.text(waId, 'cart').then(
                  (answer) => answer.status,
                  () => 0,
                ),
              ),
            )
          ).every((status) => status === 200),
        )
        .toBe(true);
    }
    const view = await program.api<{ cart: { quantity: number }[] }>(`/v1/conversations/${waIds[0]}`);
    expect(view.body.cart).toMatchObject([{ quantity: 2 }]);
  });

  it('answers 503 through 30 s without a database and recovers without a restart, with nothing acknowledged lost', {
    timeout: 150_000,
  }, async () => {
    const waIds = ['27600006001', '27600006002', '27600006003', '27600006004'];
    for (const waId of waIds) await works(waId);
    const thaw = program.freezePostgres();
    const untilMs = Date.now() + 30_000;
    const refused = new Set<string>();
    for (let round = 0; Date.now() < untilMs; round++) {
      const answers = await Promise.all(waIds.map((waId) => program.text(waId, 'hi', `away${round}-${waId}`)));
      expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503, 503]);
      for (const waId of waIds) refused.add(`away${round}-${waId}`);
      expect(await program.ready()).toBe(false);
    }
    thaw();
    await expect.poll(() => program.ready(), { timeout: 60_000 }).toBe(true);
    for (const waId of waIds) {
      await expect.poll(async () => (await program.text(waId, 'hi', `back-${waId}`)).status, { timeout: 20_000 }).toBe(200);
      const mine = [...refused].filter((id) => id.endsWith(waId));
      for (const id of mine) await expect.poll(async () => (await program.text(waId, 'hi', id)).status, { timeout: 20_000 }).toBe(200);
      const ids = (await program.all<{ whatsapp_id: string }>(`/v1/messages?wa_id=${waId}&direction=in`)).map((item) => item.whatsapp_id);
      for (const id of [`back-${waId}`, ...mine]) expect(ids.filter((other) => other === `wamid.${id}`)).toEqual([`wamid.${id}`]);
    }
  });

  it('starts a database that was killed again, and loses nothing it had acknowledged', { timeout: 150_000 }, async () => {
    const waId = '27600007001';
    for (let i = 0; i < 20; i++) expect((await program.text(waId, 'hi', `before${i}`)).status).toBe(200);
    const before = program.postgresPid();
    process.kill(before, 'SIGKILL');
    // Its processes outlive it for a moment, and work: what they still answer says nothing of the next one.
    await expect.poll(() => program.postgresPid(), { timeout: 30_000 }).not.toBe(before);
    await expect.poll(() => program.ready().catch(() => false), { timeout: 30_000 }).toBe(true);
    await expect.poll(async () => (await program.text(waId, 'hi', 'after')).status, { timeout: 20_000 }).toBe(200);
    const stored = async (): Promise<string[]> =>
      (await program.all<{ whatsapp_id: string }>(`/v1/messages?wa_id=${waId}&direction=in`)).map((item) => item.whatsapp_id).sort();
    const acknowledged = [...Array.from({ length: 20 }, (_, i) => `wamid.before${i}`), 'wamid.after'].sort();
    await expect.poll(stored, { timeout: 20_000 }).toEqual(acknowledged);
  });
});
