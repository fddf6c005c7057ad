/** What a patch makes of the settings: the parts that it names, each whole. Pure; must never know how they look on the wire. */
import type { PaymentsPatch, SettingsPatch, TenantSettings } from './protocol.ts';

type Payments = TenantSettings['payments'];

/** The journal keeps whole parts, so that an event can be read without those before it. */
export function completed(patch: SettingsPatch, present: TenantSettings): Partial<TenantSettings> {
  const { whatsapp, payments, delivery, owner, ...rest } = patch;
  return {
    ...rest,
    ...(whatsapp === undefined ? {} : { whatsapp: { ...present.whatsapp, ...whatsapp } }),
    ...(payments === undefined ? {} : { payments: completedPayments(payments, present.payments) }),
    ...(delivery === undefined ? {} : { delivery: { ...present.delivery, ...delivery } }),
    ...(owner === undefined ? {} : { owner: { ...present.owner, ...owner } }),
  };
}

function completedPayments({ cod, ...gateways }: PaymentsPatch, present: Payments): Payments {
  const next: Record<string, unknown> = { ...present };
  for (const [name, given] of Object.entries(gateways)) {
    if (given === null) delete next[name];
    else next[name] = isPart(given) && isPart(next[name]) ? { ...next[name], ...given } : given;
  }
  return { ...next, cod: { ...present.cod, ...cod } };
}

function isPart(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
