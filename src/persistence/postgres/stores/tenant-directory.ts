/** Which tenants there are, and this thread's read-only view of each. Implements the port of that name; must never know what settings mean. */
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Product, TenantSettings, TenantStatus } from '../../../actors/tenant/protocol.ts';
import type { TenantView } from '../../../actors/tenant/view.ts';
import type { Listed, Page, TenantAddress, TenantDirectory } from '../../../ports.ts';
import { type CursorShape, listCursor, pageOf, readListCursor } from '../cursor.ts';
import { decode } from '../encoding.ts';
import { BEGIN_SNAPSHOT, COMMIT, roundTripOn } from '../round-trip.ts';
import { scopeTo } from '../tenant-scope.ts';
import { ReloadPace } from './reload-pace.ts';
import { SharedCount } from './shared-count.ts';

/** An unknown key is asked for again after this long at the earliest. */
const MISS_TTL_MS = 1_000;
const MISSES_MAX = 10_000;
/** Cached addresses of one tenant: by phone number id, by uuid. */
const KEYS_PER_TENANT = 2;

const CURSOR: CursorShape = { list: 'tenants', parts: ['integer'] };

interface AddressRow {
  readonly tenant_id: number;
  readonly id: string;
  readonly slug: string;
  readonly shard: number;
  readonly phone_number_id: string;
  readonly status: string;
}

const COLUMNS = 'tenant_id, id, slug, shard, phone_number_id, status';

interface TenantDirectoryOptions {
  /** Role wakala_directory. */
  readonly directoryPool: pg.Pool;
  /** Role wakala_app. */
  readonly appPool: pg.Pool;
  /** Addresses and views kept. */
  readonly cacheMax: number;
  /** Of new tenants, shared with the directories of the other threads; without it this one is alone. */
  readonly claims?: SharedCount;
}

export class PostgresTenantDirectory implements TenantDirectory {
  readonly #options: TenantDirectoryOptions;
  readonly #addresses: LRUCache<string, TenantAddress>;
  /** Keys in `#addresses`, by tenant. */
  readonly #keys = new Map<number, Set<string>>();
  /** Look-ups under way, so that a hundred requests for one key ask once. */
  readonly #finding = new Map<string, Promise<TenantAddress | null>>();
  /** Counts changes: what was read before one is not kept after it. */
  #generation = 0;
  readonly #claims: SharedCount;
  /** The count of claims that the misses were seen under: an older miss may be a tenant by now. */
  #missesAsOf: number;
  readonly #misses = new LRUCache<string, true>({ max: MISSES_MAX, ttl: MISS_TTL_MS });
  readonly #views: LRUCache<number, TenantView>;
  readonly #loading = new Map<number, Promise<TenantView | null>>();
  /** Changed since their copy was read: whoever asks waits for the new one. */
  readonly #stale = new Set<number>();
  /** Of these only stock has changed: nobody waits. */
  readonly #sold = new Set<number>();
  /** Readings to come: when, unix ms. */
  readonly #reloads = new Map<number, { readonly atMs: number; readonly timer: NodeJS.Timeout }>();
  readonly #pace: ReloadPace;

  constructor(options: TenantDirectoryOptions) {
    this.#options = options;
    this.#claims = options.claims ?? new SharedCount();
    // The thread whose place this one takes may have died between a claim and the count of it.
    this.#claims.happened();
    this.#missesAsOf = this.#claims.count;
    this.#addresses = new LRUCache({
      max: options.cacheMax * KEYS_PER_TENANT,
      dispose: (address, key) => this.#unlink(address.tenantId, key),
    });
    this.#views = new LRUCache({ max: options.cacheMax });
    this.#pace = new ReloadPace(options.cacheMax);
  }

  byPhoneNumberId(phoneNumberId: string): Promise<TenantAddress | null> {
    // The database cannot hold NUL; any other invented id is only a miss.
    if (phoneNumberId.includes('\0')) return Promise.resolve(null);
    return this.#find(`phone ${phoneNumberId}`, 'phone_number_id = $1', phoneNumberId);
  }

  async byUuid(uuid: string): Promise<TenantAddress | null> {
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(uuid)) return null;
    return this.#find(`uuid ${uuid.toLowerCase()}`, 'id = $1::uuid', uuid);
  }

  async claim(claim: { readonly uuid: string; readonly slug: string; readonly name: string; readonly phoneNumberId: string }) {
    const { rows } = await this.#options.directoryPool.query<AddressRow & { outcome: string }>(
      'select * from app.claim_tenant($1, $2, $3, $4)',
      [claim.uuid, claim.slug, claim.name, claim.phoneNumberId],
    );
    const row = rows[0];
    if (row === undefined || row.outcome === 'slug_taken') return { ok: false, code: 'tenant.slug_taken' } as const;
    if (row.outcome === 'phone_taken') return { ok: false, code: 'tenant.phone_number_taken' } as const;
    this.#claims.happened();
    return { ok: true, address: addressOf(row) } as const;
  }

  async list(page: Page): Promise<Listed<TenantAddress>> {
    const after = readListCursor(CURSOR, page.cursor)?.[0] ?? 0;
    const { rows } = await this.#options.directoryPool.query<AddressRow>(
      `select ${COLUMNS} from app.tenants where tenant_id > $1 order by tenant_id limit $2`,
      [after, page.limit + 1],
    );
    return pageOf(rows, page.limit, addressOf, (row) => listCursor(CURSOR, [row.tenant_id]));
  }

  async view(tenantId: number): Promise<TenantView | null> {
    const known = this.#views.get(tenantId);
    if (known === undefined) return this.#load(tenantId);
    // A moment old is better than none; it stays marked as stale, so the next call tries again.
    return this.#stale.has(tenantId) ? this.#load(tenantId).catch(() => known) : known;
  }

  peekView(tenantId: number): TenantView | null {
    return this.#views.get(tenantId) ?? null;
  }

  /** The old view stays readable until the new one is here: better a moment old than none. */
  invalidate(tenantId: number, what: 'all' | 'stock' = 'all'): void {
    if (what === 'all') {
      this.#generation++;
      // Perhaps it is new, and was asked for before it was there: a message to it must not be put away as nobody's.
      this.#misses.clear();
      for (const key of [...(this.#keys.get(tenantId) ?? [])]) this.#addresses.delete(key);
    }
    if (!this.#views.has(tenantId) && !this.#loading.has(tenantId)) return;
    if (what === 'all') this.#stale.add(tenantId);
    else this.#sold.add(tenantId);
    this.#reloadSoon(tenantId);
  }

  #isOld(tenantId: number): boolean {
    return this.#stale.has(tenantId) || this.#sold.has(tenantId);
  }

  /** A shop that sells fast changes its stock all the time: its copy is read again a few times a second at most, not at every sale. */
  #reloadSoon(tenantId: number): void {
    const nowMs = Date.now();
    const waitMs = this.#pace.waitMs(tenantId, nowMs, !this.#stale.has(tenantId));
    const planned = this.#reloads.get(tenantId);
    if (planned !== undefined && planned.atMs <= nowMs + waitMs) return;
    clearTimeout(planned?.timer);
    const reload = (): void => {
      this.#reloads.delete(tenantId);
      if (!this.#isOld(tenantId)) return;
      this.#load(tenantId).catch(() => {
        // Still marked as stale: it is tried again soon, and a caller of `view` is told.
      });
    };
    if (waitMs === 0) {
      reload();
      return;
    }
    const timer = setTimeout(reload, waitMs);
    timer.unref();
    this.#reloads.set(tenantId, { atMs: nowMs + waitMs, timer });
  }

  /** One load at a time; a change that arrives during a load makes it load again. */
  #load(tenantId: number): Promise<TenantView | null> {
    const running = this.#loading.get(tenantId);
    // What changed since it began may be missing from it: whoever was told of the change waits for the next one.
    if (running !== undefined) return this.#stale.has(tenantId) ? this.#loadAfter(running, tenantId) : running;
    this.#stale.delete(tenantId);
    this.#sold.delete(tenantId);
    this.#pace.began(tenantId, Date.now());
    const load = this.#read(tenantId)
      .then((view) => {
        const known = this.#views.get(tenantId);
        if (view !== null && (known === undefined || view.version >= known.version)) this.#views.set(tenantId, view);
        return view;
      })
      .catch((error: unknown) => {
        this.#stale.add(tenantId);
        throw error;
      })
      .finally(() => {
        this.#loading.delete(tenantId);
        this.#pace.ended(tenantId, Date.now());
        if (this.#isOld(tenantId)) this.#reloadSoon(tenantId);
      });
    this.#loading.set(tenantId, load);
    return load;
  }

  async #loadAfter(running: Promise<unknown>, tenantId: number): Promise<TenantView | null> {
    await running.catch(() => undefined);
    return this.#load(tenantId);
  }

  async #read(tenantId: number): Promise<TenantView | null> {
    const answers = await roundTripOn(this.#options.appPool, [
      BEGIN_SNAPSHOT,
      scopeTo('tenant', [tenantId]),
      {
        name: 'view_tenant',
        text: `select ${COLUMNS}, version, settings from app.tenants where tenant_id = $1`,
        values: [tenantId],
        rows: true,
      },
      {
        name: 'view_products',
        text: 'select body from app.products where tenant_id = $1 order by category, name, product_id',
        values: [tenantId],
        rows: true,
      },
      COMMIT,
    ]);
    const [row] = answers[2] as readonly (AddressRow & { readonly version: string; readonly settings: Buffer | null })[];
    const products = answers[3] as readonly { readonly body: Buffer }[];
    if (row === undefined || row.settings === null) return null;
    return {
      tenantId,
      uuid: row.id,
      dataShard: row.shard,
      status: row.status as TenantStatus,
      version: Number(row.version),
      settings: decode(row.settings) as TenantSettings,
      products: products.map((product) => decode(product.body) as Product),
    };
  }

  #find(key: string, where: string, value: string): Promise<TenantAddress | null> {
    const known = this.#addresses.get(key);
    if (known !== undefined) return Promise.resolve(known);
    if (this.#isMissed(key)) return Promise.resolve(null);
    // One that began before the last claim may find nobody where there is somebody now.
    const flight = `${this.#missesAsOf} ${key}`;
    const running = this.#finding.get(flight);
    if (running !== undefined) return running;
    const asked = this.#ask(key, where, value).finally(() => {
      this.#finding.delete(flight);
    });
    this.#finding.set(flight, asked);
    return asked;
  }

  /** A message to a tenant that is new must not be put away as nobody's. */
  #isMissed(key: string): boolean {
    const claims = this.#claims.count;
    if (claims !== this.#missesAsOf) this.#misses.clear();
    this.#missesAsOf = claims;
    return this.#misses.has(key);
  }

  async #ask(key: string, where: string, value: string): Promise<TenantAddress | null> {
    const generation = this.#generation;
    const claims = this.#claims.count;
    const { rows } = await this.#options.directoryPool.query<AddressRow>(`select ${COLUMNS} from app.tenants where ${where}`, [value]);
    const address = rows[0] === undefined ? null : addressOf(rows[0]);
    if (generation !== this.#generation) return address;
    if (address !== null) this.#remember(key, address);
    else if (claims === this.#claims.count && claims === this.#missesAsOf) this.#misses.set(key, true);
    return address;
  }

  #remember(key: string, address: TenantAddress): void {
    this.#addresses.set(key, address);
    const keys = this.#keys.get(address.tenantId) ?? new Set();
    keys.add(key);
    this.#keys.set(address.tenantId, keys);
  }

  #unlink(tenantId: number, key: string): void {
    const keys = this.#keys.get(tenantId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(tenantId);
  }
}

function addressOf(row: AddressRow): TenantAddress {
  return {
    tenantId: row.tenant_id,
    uuid: row.id,
    slug: row.slug,
    dataShard: row.shard,
    phoneNumberId: row.phone_number_id,
    status: row.status,
  };
}
