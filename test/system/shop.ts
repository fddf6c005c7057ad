/** A shop with an access token of its own, so that its messages leave over HTTP, and its API as its owner calls it. */
import { expect } from 'vitest';
import { mintToken } from '../../src/transport/http/token.ts';
import { type Program, PHONE as SANDBOX_PHONE, webhook } from './program.ts';

interface ShopOptions {
  readonly slug: string;
  readonly phoneNumberId: string;
  readonly accessToken: string;
}

export class Shop {
  /** What creating it answered. */
  created: { readonly id: string } = { id: '' };
  readonly #program: Program;
  readonly #options: ShopOptions;
  #owner = '';

  constructor(program: Program, options: ShopOptions) {
    this.#program = program;
    this.#options = options;
  }

  /** Creates it, with one product: Kota. */
  async open(): Promise<void> {
    const { slug, phoneNumberId, accessToken } = this.#options;
    const claims = { secret: this.#program.secrets().jwtSecret, sub: 'test', ttlS: 600, nowMs: Date.now() };
    const admin = await mintToken({ ...claims, roles: ['platform_admin'] });
    this.created = await this.#call(admin, '/v1/tenants', {
      slug,
      name: `Kwa ${slug}`,
      tier: 'basic',
      currency: 'ZAR',
      timezone: 'Africa/Johannesburg',
      languages: ['en', 'zu'],
      location: { lat: -26.2485, lng: 27.854 },
      whatsapp: { phone_number_id: phoneNumberId, waba_id: '100000000000042', access_token: accessToken },
      payments: { cod: { enabled: true, max_amount_minor: 500_000 } },
      delivery: { base_fee_minor: 1_500, per_km_minor: 500, free_km: 2, max_km: 10 },
      owner: { name: 'Dudu', wa_id: '27600000042' },
    });
    this.#owner = await mintToken({ ...claims, roles: ['tenant_owner'], tenantId: this.created.id });
    await this.api('/v1/products', { name: 'Kota', price_minor: 4_500, category: 'Food' });
  }

  /** Calls the API as the owner: GET without a body, else POST. */
  api<T>(route: string, body?: unknown): Promise<T> {
    return this.#call(this.#owner, route, body);
  }

  /** Every page of a list. */
  async all<T>(route: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next_cursor: string | null } = await this.api(`${route}&limit=200${from}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  }

  /** A customer writes to its number. */
  hears(waId: string, text: string, id: string): Promise<{ readonly status: number }> {
    const message = { from: waId, id, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body: text } };
    return this.#program.postRaw(webhook([message], waId).replace(SANDBOX_PHONE, this.#options.phoneNumberId));
  }

  async #call<T>(token: string, route: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.#program.url(route), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect([200, 201]).toContain(answer.status);
    return (await answer.json()) as T;
  }
}
