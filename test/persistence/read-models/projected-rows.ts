/** Rows as the actors of a tenant project them, with sensible values for whatever a test does not care about. */
import { pack } from 'msgpackr/pack';
import type { DriverStatus } from '../../../src/actors/driver/protocol.ts';
import type { PersonKeys } from '../../../src/persistence/postgres/seal/person-keys.ts';
import { row, type ScratchDatabase, type Write } from '../scratch-database.ts';

/** Storage code of conversations. */
const CONVERSATION = 2;

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

export function driver(
  tenantId: number,
  driverId: string,
  values: { status?: DriverStatus; online?: boolean; createdAtMs?: number; version?: number; earnedMinor?: number } = {},
): Write {
  const { status = 'approved', online = false, createdAtMs = 1_000, version = 1, earnedMinor = 0 } = values;
  const vehicle = { type: 'motorbike', registration: null, coldStorage: false } as const;
  const profile = {
    driverId,
    vehicle: vehicle.type,
    coldStorage: false,
    rating: 5,
    completion: 1,
    acceptance: 1,
    completedJobs: 0,
    recentJobsMs: [],
    idleSinceMs: 0,
    earnedTodayMinor: earnedMinor,
    onlineSinceMs: 0,
    freeSlots: 1,
  };
  const earnings = { currency: null, todayMinor: earnedMinor, totalMinor: 0, platformFeeMinor: 0, deliveries: 0, cashOnHandMinor: 0 };
  const body = { id: driverId, vehicle, status, online, onlineSinceMs: null, profile, earnings, version, createdAtMs };
  const documents = { licence: { number: 'LIC-1', expiresOn: '2030-01-01' } };
  const personal = { name: 'Bongani', phone: '27821234567', documents, registration: 'CA 1' };
  return row(
    tenantId,
    'driver.upsert',
    { driverId, status, online, vehicle: vehicle.type, createdAtMs, updatedAtMs: createdAtMs, version, body, personal },
    { subjectId: driverId, seq: version },
  );
}

export function product(tenantId: number, productId: string, name: string, category = 'Food', more: object = {}): Write {
  const body = { id: productId, name, category, ...more };
  return row(tenantId, 'product.upsert', { productId, name, category, priceMinor: 100, stock: null, available: true, body });
}

export function conversation(
  tenantId: number,
  customerId: string,
  updatedAtMs: number,
  state = 'IDLE',
  seq = 1,
  pointers: { contactSeq?: number; cartSeq?: number } = {},
): Write {
  const { contactSeq = null, cartSeq = null } = pointers;
  return row(
    tenantId,
    'conversation.upsert',
    { customerId, state, step: null, language: 'zu', openOrderId: `ord ${customerId}`, updatedAtMs, contactSeq, cartSeq },
    { subjectId: customerId, seq },
  );
}

/** The event `seq` of a customer's conversation, with this personal part. */
export async function journaled(
  database: ScratchDatabase,
  keys: PersonKeys,
  { tenantId, customerId, seq }: { readonly tenantId: number; readonly customerId: string; readonly seq: number },
  personal: unknown,
): Promise<void> {
  await keys.ensure([{ tenantId, subjectId: customerId }]);
  const sealed = keys.seal(tenantId, customerId, personal, `${tenantId}/conversation/${customerId}/${seq}`);
  await database.admin.query(
    `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, subject_id, data, personal)
     values ($1, $2, $3, $4, 0, 1, 1, 'turned', 1, 1, $3, $5, $6)`,
    [tenantId, CONVERSATION, customerId, seq, pack({}), sealed],
  );
}
