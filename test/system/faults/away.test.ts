/** Every route while the database says nothing at all: an answer in bounded time, and never the server's fault. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintToken } from '../../../src/transport/http/token.ts';
import { Program } from '../program.ts';

const program = new Program();
let thaw = (): void => undefined;
beforeAll(() => program.start());
afterAll(async () => {
  thaw();
  await program.remove();
});

interface Told {
  readonly call: string;
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
}

async function ask(base: string, method: string, path: string, token: string): Promise<Told> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const answer = await fetch(base + path, { method, headers, ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }) });
  const text = await answer.text();
  const code: unknown = text.startsWith('{') ? JSON.parse(text).code : null;
  return {
    call: `${method} ${path}`,
    status: answer.status,
    code: typeof code === 'string' ? code : null,
    retryAfter: answer.headers.get('retry-after'),
  };
}

it('a frozen database makes no route answer 500 or hang: what needs it is 503 with a code and Retry-After', {
  timeout: 120_000,
}, async () => {
  const { tenant } = (await (await fetch(program.url('/sandbox/info'))).json()) as { tenant: { id: string } };
  const drivers = (await program.all<{ id: string }>('/v1/drivers')).map(({ id }) => id);
  const mint = (role: string, sub: string, own: object) =>
    mintToken({ secret: program.secrets().jwtSecret, sub, roles: [role], ttlS: 600, nowMs: Date.now(), ...own });
  const owner = await mint('tenant_owner', 'test', { tenantId: tenant.id });
  const admin = await mint('platform_admin', 'test', {});
  const driver = await mint('driver', drivers[0]!, { tenantId: tenant.id });
  const contract = (await (await fetch(program.url('/openapi.json'))).json()) as { paths: Record<string, Record<string, unknown>> };
  const ids: Readonly<Record<string, string>> = { tenants: tenant.id, drivers: drivers[1]!, conversations: '27600009001' };
  const calls = Object.entries(contract.paths).flatMap(([path, methods]) => {
    const filled = path.replace(/\{(?:id|key)\}/, ids[path.split('/')[2]!] ?? randomUUID()).replace('{n}', '1');
    const token = path.startsWith('/v1/tenants') ? admin : path.startsWith('/v1/driver/') ? driver : owner;
    return Object.keys(methods).map((method) => [program.url(''), method.toUpperCase(), filled, token] as const);
  });
  const wa = '?wa_id=27600009001';
  for (const path of [`messages${wa}`, `orders${wa}`, 'info', 'drivers', 'map'])
    calls.push([program.url(''), 'GET', `/sandbox/${path}`, '']);
  for (const path of ['/readyz', '/metrics', '/v1/cluster', '/v1/deadletters'])
    calls.push([`http://127.0.0.1:${program.opsPort}`, 'GET', path, '']);

  thaw = program.freezePostgres();
  const told = await Promise.all(calls.map((call) => ask(...call)));
  expect(told.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
  const away = told.filter(({ status }) => status === 503);
  expect(
    away.filter(({ call, code, retryAfter }) => retryAfter === null || (code !== 'runtime.unavailable' && call !== 'GET /readyz')),
  ).toEqual([]);
  for (const call of ['GET /v1/orders', 'GET /sandbox/map', `GET /sandbox/messages${wa}`, 'GET /v1/deadletters', 'GET /readyz'])
    expect(away.map((one) => one.call)).toContain(call);
});
