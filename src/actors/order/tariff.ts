/**
 * What the platform pays a driver at least, and how much cash a driver may carry, in the currency of the shop. Pure; must never know an
 * order. The tariff is of South Africa; elsewhere it is scaled to what is worth about as much, in round figures: a scale of wages and
 * risks, no exchange rate, so that it moves only when somebody decides it.
 */

/** Minor units of ZAR; of a ride before the platform's fee. */
const BASE_MINOR = 1_200;
const PER_KM_MINOR = 450;
/** Drivers with more of the shop's cash than this get no further job that adds to it; shops take no more at the door unless they say so. */
const CASH_MAX_MINOR = 500_000;

/** Minor units of a currency for one South African cent. Those of the first line are worth one rand by treaty. */
const SCALE: Readonly<Record<string, number>> = {
  ...{ ZAR: 1, LSL: 1, NAD: 1, SZL: 1 },
  ...{ BWP: 0.8, ZMW: 1.4, MZN: 3.5, MWK: 100, AOA: 50, CDF: 130, MUR: 2.5 },
  ...{ KES: 7, TZS: 140, UGX: 2, RWF: 0.8, BIF: 1.6, ETB: 8 },
  ...{ NGN: 85, GHS: 0.6, XOF: 0.3, XAF: 0.3, EGP: 2.7, MAD: 0.5 },
  ...{ USD: 0.06, EUR: 0.05, GBP: 0.04 },
};
const CODE = /^[A-Z]{3}$/;
/** Digits of the minor unit of ZAR. */
const DIGITS = 2;

export interface DriverPay {
  readonly baseMinor: number;
  readonly perKmMinor: number;
}

/** @param currency ISO 4217. What a ride pays at least. */
export function driverPay(currency: string): DriverPay {
  return { baseMinor: scaled(BASE_MINOR, currency), perKmMinor: scaled(PER_KM_MINOR, currency) };
}

/** @param currency null while the driver has never been paid: it carries no cash then. */
export function cashMaxMinor(currency: string | null): number {
  return scaled(CASH_MAX_MINOR, currency ?? 'ZAR');
}

function scaled(zarMinor: number, currency: string): number {
  return Math.round(zarMinor * (Object.hasOwn(SCALE, currency) ? (SCALE[currency] ?? 1) : byDigits(currency)));
}

/** Of a currency that nobody has decided on: as many of its units as there are of the rand. */
function byDigits(currency: string): number {
  if (!CODE.test(currency)) return 1;
  const { maximumFractionDigits = DIGITS } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return 10 ** (maximumFractionDigits - DIGITS);
}
