/**
 * All that one worker thread holds of the database, opened and closed together. The only file here that knows the folders:
 * `seal/` (keys, and bytes under them), `batch/` (what one group commit writes), `journal/` (storing and recovering entities),
 * `read-models/` (lists and pages), `stores/` (what is kept beside the journal). Each may know those before it and the files beside
 * this one, which are about connections and values and know none of them.
 */
import type { Config } from '../../config.ts';
import type {
  CustomerDirectory,
  DriverLedger,
  IntakeLog,
  Parking,
  ProofStore,
  ReadModels,
  SecretBox,
  TenantDirectory,
  TrackStore,
} from '../../ports.ts';
import type { JournalStore } from '../../runtime/journal/store.ts';
import { type ConnectOptions, createPool, type DatabaseAddress, goodbye, type Role } from './connect.ts';
import { PostgresDriverLedger } from './journal/driver-ledger.ts';
import { PostgresJournalStore } from './journal/journal-store.ts';
import { PostgresReadModels } from './read-models/read-models.ts';
import { BlindIndex } from './seal/blind-index.ts';
import { PersonKeys } from './seal/person-keys.ts';
import { createSecretBox } from './seal/secret-box.ts';
import { PostgresCustomerDirectory } from './stores/customer-directory.ts';
import { PostgresIntakeLog } from './stores/intake-log.ts';
import { createParking } from './stores/parking.ts';
import { PostgresProofStore } from './stores/proof-store.ts';
import { SharedCount } from './stores/shared-count.ts';
import { PostgresTenantDirectory } from './stores/tenant-directory.ts';
import { PostgresTrackStore } from './stores/track-store.ts';
import { WriterConnection } from './writer-connection.ts';

const RELAY_CONNECTIONS = 2;
const DIRECTORY_CONNECTIONS = 2;
/** Tracks are written by one batch at a time, beside the journal's own connection. */
const TRACK_CONNECTIONS = 1;
/** Megabytes at a time are written beside everything else; opened with the first piece of proof. */
const PROOF_CONNECTIONS = 1;

export interface ThreadDatabase {
  readonly journal: JournalStore;
  readonly tenants: TenantDirectory;
  readonly customers: CustomerDirectory;
  readonly readModels: ReadModels;
  readonly parking: Parking;
  readonly intake: IntakeLog;
  readonly secrets: SecretBox;
  readonly tracks: TrackStore;
  readonly proofs: ProofStore;
  readonly ledger: DriverLedger;
  close(): Promise<void>;
}

/** What of the configuration the database needs. */
export interface DatabaseConfig {
  readonly database: Pick<Config['database'], 'poolSize' | 'statementTimeoutMs' | 'directoryCache'>;
  readonly intake: Pick<Config['intake'], 'waitingBytesMax'>;
  readonly journal: Pick<Config['journal'], 'flushMs'>;
  readonly secrets: Pick<Config['secrets'], 'masterKey'>;
}

/** Rejects when the database cannot be reached. @param kinds kind name to storage code; must have `conversation`. */
export async function openThreadDatabase(options: {
  readonly address: DatabaseAddress;
  readonly config: DatabaseConfig;
  readonly kinds: ReadonlyMap<string, number>;
  /** Of `SharedCount.allocate`, shared by the threads of a node; without it this thread is alone. */
  readonly numberMoves?: SharedArrayBuffer;
  /** The same of tenants that are new. */
  readonly tenantClaims?: SharedArrayBuffer;
}): Promise<ThreadDatabase> {
  const { config, kinds } = options;
  const connect = (role: Role): ConnectOptions => ({
    address: options.address,
    role,
    statementTimeoutMs: config.database.statementTimeoutMs,
  });
  const masterKey = Buffer.from(config.secrets.masterKey, 'base64');
  const reader = createPool(connect('wakala_reader'), config.database.poolSize);
  const app = createPool(connect('wakala_app'), config.database.poolSize);
  const relay = createPool(connect('wakala_relay'), RELAY_CONNECTIONS);
  const directory = createPool(connect('wakala_directory'), DIRECTORY_CONNECTIONS);
  const trackWriter = createPool(connect('wakala_writer'), TRACK_CONNECTIONS);
  const proofWriter = createPool(connect('wakala_writer'), PROOF_CONNECTIONS);
  const keys = new PersonKeys(directory, masterKey);
  const writer = new WriterConnection(connect('wakala_writer'));
  const intakeWriter = new WriterConnection(connect('wakala_directory'));
  await Promise.all([writer.open(), intakeWriter.open()]);
  const journal = new PostgresJournalStore({ writer, readerPool: reader, relayPool: relay, personal: keys, masterKey, kinds });
  const intake = new PostgresIntakeLog({
    writer: intakeWriter,
    pool: directory,
    masterKey,
    flushMs: config.journal.flushMs,
    waitingBytesMax: config.intake.waitingBytesMax,
  });
  return {
    journal,
    tenants: new PostgresTenantDirectory({
      directoryPool: directory,
      appPool: app,
      cacheMax: config.database.directoryCache,
      claims: new SharedCount(options.tenantClaims),
    }),
    customers: new PostgresCustomerDirectory(directory, new BlindIndex(masterKey), keys, new SharedCount(options.numberMoves)),
    readModels: new PostgresReadModels(app, keys, kinds.get('conversation') ?? 0),
    parking: createParking(directory, masterKey),
    intake,
    secrets: createSecretBox(masterKey),
    tracks: new PostgresTrackStore({ writer: trackWriter, app }),
    ledger: new PostgresDriverLedger(app, keys, kinds.get('driver') ?? 0),
    proofs: new PostgresProofStore({ writer: proofWriter, app, personal: keys, masterKey, nowMs: Date.now }),
    close: async () => {
      await Promise.all([journal.close(), intake.close()]);
      await Promise.all([reader, app, relay, directory, trackWriter, proofWriter].map((pool) => goodbye(pool.end())));
    },
  };
}
