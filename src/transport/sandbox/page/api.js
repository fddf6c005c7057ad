/** The endpoints that the sandbox page uses. Every failure becomes an Error with a sentence for people; `isAway` when nobody answered. */

const TIMEOUT_MS = 15_000;
const tenantId = new URLSearchParams(location.search).get('tenant_id');

function query(parameters) {
  const search = new URLSearchParams(parameters);
  if (tenantId !== null) search.set('tenant_id', tenantId);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw away();
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? body?.title ?? `The server answered ${response.status}.`);
  // It ended in the middle of its answer: what was posted may have been taken, and is known by its id when it comes again.
  if (body === null) throw away();
  return body;
}

const away = () => Object.assign(new Error('The server does not answer. Is it still running?'), { isAway: true });

function post(path, body) {
  const withTenant = tenantId === null ? body : { ...body, tenant_id: tenantId };
  return call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(withTenant) });
}

export const getInfo = () => call(`/sandbox/info${query({})}`);
export const getMessages = (waId) => call(`/sandbox/messages${query({ wa_id: waId })}`);
export const getMap = () => call(`/sandbox/map${query({})}`);
export const getOrders = (waId) => call(`/sandbox/orders${query({ wa_id: waId })}`);
export const postMessage = (message) => post('/sandbox/messages', message);
export const postReceipt = (waId, whatsappIds, status) => post('/sandbox/receipts', { wa_id: waId, whatsapp_ids: whatsappIds, status });
export const postOrder = (id, verb) => post(`/sandbox/orders/${encodeURIComponent(id)}/${verb}`, {});
