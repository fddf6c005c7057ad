/** `wakala simulate city`: a demo and a load against the server of this configuration. Wiring only. */
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { DEMO_TENANT } from '../../demo/demo-tenant.ts';
import { CodedError } from '../../errors.ts';
import { baseUrl } from '../../node/base-url.ts';
import { mintToken } from '../../transport/http/token.ts';
import { CITY_LIMITS, type CityReport, runCity } from './city.ts';
import { CityServer } from './server.ts';

export interface CityCommandOptions {
  readonly drivers: string;
  readonly ordersPerHour: string;
  readonly minutes: string;
  readonly seed: string;
  readonly speed: string;
  readonly radius: string;
  readonly url?: string;
  readonly json?: boolean;
}

const SPEED_MAX_MPS = 40;
const RADIUS_MAX_M = 9_000;

const between = (min: number, max: number) => {
  const range = `must be a number from ${min} to ${max}`;
  return z.coerce.number(range).min(min, range).max(max, range);
};
const whole = (max: number) => {
  const range = `must be a whole number from 1 to ${max}`;
  return z.coerce.number(range).int(range).min(1, range).max(max, range);
};
const WHOLE = 'must be a whole number';
const MINUTES = `must be above 0 and at most ${CITY_LIMITS.minutes}`;
const schema = z.object({
  drivers: whole(CITY_LIMITS.drivers),
  ordersPerHour: whole(CITY_LIMITS.ordersPerHour),
  minutes: z.coerce.number(MINUTES).positive(MINUTES).max(CITY_LIMITS.minutes, MINUTES),
  seed: z.coerce.number(WHOLE).int(WHOLE),
  speed: between(1, SPEED_MAX_MPS),
  radius: whole(RADIUS_MAX_M),
});
const TOKEN_TTL_S = 86_400;
const TENANTS_PAGE = 500;

/** @throws CodedError `simulate.usage` for a bad option, `simulate.no_server` when nobody answers or the demo shop is not there */
export async function simulateCity(
  config: Config,
  options: CityCommandOptions,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<CityReport> {
  const parsed = schema.safeParse(options);
  if (!parsed.success)
    throw new CodedError('simulate.usage', parsed.error.issues.map(({ path, message }) => `${optionOf(path)} ${message}`).join('; '));
  const { drivers, ordersPerHour, minutes, seed, speed, radius } = parsed.data;
  const url = (options.url ?? baseUrl(config.http.host, config.http.port)).replace(/\/+$/, '');
  const tenantId = await demoTenantId(config, url);
  const ownerToken = await token(config, 'tenant_owner', tenantId);
  return await runCity({
    server: new CityServer({ url, ownerToken }),
    drivers,
    ordersPerHour,
    minutes,
    seed,
    speedMps: speed,
    center: DEMO_TENANT.location,
    radiusM: radius,
    print,
    signal,
  });
}

/** `ordersPerHour` as it was typed: `--orders-per-hour`. */
function optionOf(path: readonly PropertyKey[]): string {
  return `--${path.map(String).join('.')}`.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function demoTenantId(config: Config, url: string): Promise<string> {
  const authorization = `Bearer ${await token(config, 'platform_admin', null)}`;
  let items: readonly { readonly id: string; readonly slug: string }[];
  try {
    const response = await fetch(`${url}/v1/tenants?limit=${TENANTS_PAGE}`, { headers: { authorization } });
    items = ((await response.json()) as { items?: typeof items }).items ?? [];
  } catch (error) {
    throw new CodedError(
      'simulate.no_server',
      `${url} does not answer (${error instanceof Error ? error.message : 'unknown'}): run npm start first`,
    );
  }
  const demo = items.find((tenant) => tenant.slug === DEMO_TENANT.slug);
  if (demo === undefined) throw new CodedError('simulate.no_server', `${url} has no demo shop, or another token secret`);
  return demo.id;
}

function token(config: Config, role: string, tenantId: string | null): Promise<string> {
  const tenant = tenantId === null ? {} : { tenantId };
  return mintToken({ secret: config.secrets.jwtSecret, sub: 'simulate', roles: [role], ttlS: TOKEN_TTL_S, nowMs: Date.now(), ...tenant });
}
