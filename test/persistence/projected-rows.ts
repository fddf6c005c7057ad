/** Rows as the actors of a tenant project them, with sensible values for whatever a test does not care about. */
import { row, type Write } from './scratch-database.ts';

export function order(
  tenantId: number,
  orderId: string,
  values: { status?: string; createdAtMs?: number; version?: number; customerId?: string } = {},
): Write {
  const { status: orderStatus = 'CREATED', createdAtMs = 1_000, version = 1, customerId = 'cus_a' } = values;
  const body = { id: orderId, code: 'K7F', status: orderStatus, customerId, version, createdAtMs };
  const personal = { customer: { waId: '276', name: 'Ann' }, dropoff: { position: { lat: 1, lng: 2 }, address: 'here', note: null } };
  const rest = { code: 'K7F', totalMinor: 5_000_000_000, currency: 'ZAR', source: 'whatsapp', updatedAtMs: createdAtMs };
  return row(
    tenantId,
    'order.upsert',
    { orderId, customerId, status: orderStatus, createdAtMs, version, body, personal, ...rest },
    { subjectId: customerId, seq: version },
  );
}

export function product(tenantId: number, productId: string, name: string, category = 'Food'): Write {
  const body = { id: productId, name, category };
  return row(tenantId, 'product.upsert', { productId, name, category, priceMinor: 100, stock: null, available: true, body });
}

export function conversation(tenantId: number, customerId: string, updatedAtMs: number, state = 'IDLE', seq = 1): Write {
  const personal = { waId: `wa ${customerId}`, userId: null, name: 'Ann', cart: [{ productId: 'p' }] };
  return row(
    tenantId,
    'conversation.upsert',
    { customerId, state, step: null, language: 'zu', openOrderId: null, updatedAtMs, personal },
    { subjectId: customerId, seq },
  );
}
