/** What a driver's journal says of money. Implements the port of that name; must never add anything up. */
import type pg from 'pg';
import type { DriverEvent } from '../../../actors/driver/state.ts';
import type { DriverEntry } from '../../../actors/driver/statement.ts';
import type { DriverLedger } from '../../../ports.ts';
import { textArray } from '../binary-arrays.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { readAsTenant } from '../tenant-scope.ts';
import { type EventRow, storedEvent } from './event-row.ts';

const MONEY: readonly DriverEvent['type'][] = ['job_closed', 'cash_settled', 'cash_returned'];
const OFFERS: readonly DriverEvent['type'][] = ['offer_made', 'job_won'];

const READ = `select seq, pos, at_ms, event_type, event_ver, subject_id, data, personal, null::bytea as effects, null::bytea as meta
  from app.journal
  where tenant_id = $1 and entity_type = $2 and entity_id = $3 and event_type = any ($4::text[]) and at_ms >= $5 and at_ms < $6
  order by seq limit $7`;

export class PostgresDriverLedger implements DriverLedger {
  readonly #pool: pg.Pool;
  readonly #personal: PersonalCodec;
  readonly #driverCode: number;

  /** @param pool role wakala_app. @param driverCode storage code of drivers. */
  constructor(pool: pg.Pool, personal: PersonalCodec, driverCode: number) {
    this.#pool = pool;
    this.#personal = personal;
    this.#driverCode = driverCode;
  }

  async money(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly DriverEntry[]> {
    return await this.#read(tenantId, driverId, [textArray(MONEY), fromMs, toMs, limit]);
  }

  async offers(tenantId: number, driverId: string, fromMs: number, toMs: number, limit: number): Promise<readonly DriverEntry[]> {
    return await this.#read(tenantId, driverId, [textArray(OFFERS), fromMs, toMs, limit]);
  }

  async #read(tenantId: number, driverId: string, rest: readonly unknown[]): Promise<readonly DriverEntry[]> {
    const rows = await readAsTenant<EventRow>(this.#pool, tenantId, READ, [tenantId, this.#driverCode, driverId, ...rest]);
    const subjects = new Set(rows.flatMap((row) => (row.subject_id === null ? [] : [row.subject_id])));
    await this.#personal.ensure([...subjects].map((subjectId) => ({ tenantId, subjectId })));
    return rows.map((row) => {
      const { seq, atMs, type, version, data, personal } = storedEvent({ tenantId, kind: 'driver', id: driverId }, row, this.#personal);
      return { seq, atMs, event: { type, version, data, ...(personal === undefined ? {} : { personal }) } as DriverEvent };
    });
  }
}
