/** The ceiling of the webhook bench: one thread that only verifies the signature and parses, and stores nothing. */

import uws from 'uWebSockets.js';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

const [port, secret] = [Number(process.argv[2]), process.argv[3]];
const key = createSecretKey(Buffer.from(secret));
uws
  .App()
  .post('/webhooks/whatsapp', (res, req) => {
    const signature = req.getHeader('x-hub-signature-256');
    res.onAborted(() => {});
    res.onData((chunk, last) => {
      if (!last) return;
      const body = Buffer.from(chunk).toString('latin1');
      const digest = Buffer.from(`sha256=${createHmac('sha256', key).update(body, 'latin1').digest('hex')}`, 'latin1');
      const given = Buffer.from(signature, 'latin1');
      if (digest.length !== given.length || !timingSafeEqual(digest, given)) return res.writeStatus('401 Unauthorized').end();
      JSON.parse(body);
      res.endWithoutBody(0);
    });
  })
  .listen('127.0.0.1', port, (socket) => console.log(socket ? 'ready' : 'failed'));
