/** The baseline of the webhook bench: Fastify, signature over the raw body, one durable insert a message on sixteen connections. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

const [port, secret, host, socketPort] = [Number(process.argv[2]), process.argv[3], process.argv[4], Number(process.argv[5])];
const pool = new pg.Pool({ host, port: socketPort, user: 'postgres', database: 'postgres', max: 16 });
await pool.query('create table if not exists bench_messages (id text primary key, body jsonb not null)');
const app = Fastify({ logger: false });
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/webhooks/whatsapp', async (request, reply) => {
  const digest = Buffer.from(`sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`);
  const given = Buffer.from(String(request.headers['x-hub-signature-256']));
  if (digest.length !== given.length || !timingSafeEqual(digest, given)) return reply.code(401).send();
  const message = JSON.parse(request.body.toString()).entry[0].changes[0].value.messages[0];
  await pool.query({
    name: 'put',
    text: 'insert into bench_messages values ($1, $2) on conflict do nothing',
    values: [message.id, message],
  });
  return reply.code(200).send();
});
await app.listen({ port, host: '127.0.0.1' });
console.log('ready');
