/** A Graph API that takes every message at once, for the webhook bench: lean, so that it costs the two cores little. */
import uws from 'uWebSockets.js';

let sent = 0;
uws
  .App()
  .post('/*', (res) => {
    res.onAborted(() => {});
    res.onData((_chunk, last) => {
      if (!last) return;
      res.writeHeader('content-type', 'application/json').end(`{"messaging_product":"whatsapp","messages":[{"id":"wamid.OUT${++sent}"}]}`);
    });
  })
  .get('/sent', (res) => void res.end(String(sent)))
  .listen('127.0.0.1', Number(process.argv[2]), (socket) => console.log(socket ? 'ready' : 'failed'));
