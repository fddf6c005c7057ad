/** A tenant as of one moment, however much is written meanwhile: for verification. Must never know what the rows mean. */
import { connectClient, type DatabaseAddress } from '../connect.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { type ScannedEvent, scanJournal } from './journal-scan.ts';

const STATEMENT_TIMEOUT_MS = 600_000;

export interface TenantMoment {
  /** Every event, entity by entity. @param kinds storage code to name; events of other kinds are left out. */
  journal(personal: PersonalCodec, kinds: ReadonlyMap<number, string>): AsyncIterable<ScannedEvent>;
  /** One query, whose $1 is the tenant. */
  read<R extends object>(text: string): Promise<readonly R[]>;
}

/** Whatever `look` reads is of the moment of its first query. Rejects when the database is away. */
export async function asOfOneMoment<T>(address: DatabaseAddress, tenantId: number, look: (moment: TenantMoment) => Promise<T>): Promise<T> {
  const options = { address, role: 'wakala_app', statementTimeoutMs: STATEMENT_TIMEOUT_MS, ownTimer: true } as const;
  const client = await connectClient(options, () => undefined);
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query("select set_config('app.tenant_id', $1, true)", [String(tenantId)]);
    return await look({
      journal: (personal, kinds) => scanJournal({ client, tenantId, personal, kinds }),
      read: async <R extends object>(text: string) => (await client.query<R>(text, [tenantId])).rows,
    });
  } finally {
    await client.end();
  }
}
