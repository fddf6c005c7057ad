/** What the tracking page says, by language. Data: the isiZulu needs a native reader before a launch. It must never hold markup. */

const PAGE_LANGUAGES = ['en', 'zu'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** `{name}` the driver's first name, `{shop}`, `{a}` and `{b}` the ends of a range, `{n}` a number. */
const ENGLISH = {
  title: 'Track your order',
  a_driver: 'Your driver',
  your_order: 'Your order',
  on_map: 'Map: where the driver, the shop and you are',
  you: 'You',
  step_assigned: 'To shop',
  step_at_pickup: 'Collecting',
  step_picked_up: 'On the way',
  step_at_dropoff: 'Arrived',
  head_assigned: '{name} is riding to {shop}',
  head_at_pickup: '{name} is collecting your order',
  head_picked_up: '{name} is on the way to you',
  head_at_dropoff: '{name} is at your place',
  head_busy: '{name} finishes another delivery first',
  eta_range: '{a}–{b} min',
  eta_now: 'Any minute now',
  eta_pickup: 'at the shop between {a} and {b}',
  eta_dropoff: 'at your place between {a} and {b}',
  eta_none: 'Working out the time…',
  collecting_hint: 'The ride to you starts in a moment.',
  door_hint: 'Give the 4-digit code from our chat only when you have your order.',
  away: '{n} away',
  from_shop: '{n} from the shop',
  live: 'Live',
  connecting: 'Connecting…',
  last_seen: 'Last seen {n} min ago',
  no_position: 'Waiting for the driver’s position',
  hidden: 'The map starts when it is your turn',
  bicycle: 'Bicycle',
  motorbike: 'Motorbike',
  car: 'Car',
  bakkie: 'Bakkie',
  truck: 'Truck',
  over_delivered: 'Delivered. Enjoy!',
  over_delivered_more: 'Thank you for your order. This page has done its work and shows nothing any more.',
  over_reassigned: 'Another driver brings your order',
  over_reassigned_more: 'We send you a new link in the chat as soon as somebody is on the way.',
  over_ended: 'This delivery is over',
  over_ended_more: 'The link shows nothing any more. Your order’s news are in the chat.',
  gone: 'This link does not work',
  gone_more: 'Open the newest link from your chat. If it was copied, check that all of it is there.',
  no_script: 'The live map needs JavaScript. The news of your order are in the chat.',
  other_language: 'IsiZulu',
};

export type PageText = Readonly<Record<keyof typeof ENGLISH, string>>;

const ISIZULU: PageText = {
  title: 'Landela i-oda yakho',
  a_driver: 'Umshayeli wakho',
  your_order: 'I-oda yakho',
  on_map: 'Ibalazwe: lapho kukhona umshayeli, isitolo nawe',
  you: 'Wena',
  step_assigned: 'Esitolo',
  step_at_pickup: 'Uyalanda',
  step_picked_up: 'Endleleni',
  step_at_dropoff: 'Ufikile',
  head_assigned: '{name} uya e-{shop}',
  head_at_pickup: '{name} ulanda i-oda yakho',
  head_picked_up: '{name} usendleleni eza kuwe',
  head_at_dropoff: '{name} usefikile kuwe',
  head_busy: '{name} uqedela okunye ukulethwa kuqala',
  eta_range: 'imizuzu {a}–{b}',
  eta_now: 'Noma nini manje',
  eta_pickup: 'esitolo phakathi kuka-{a} no-{b}',
  eta_dropoff: 'kuwe phakathi kuka-{a} no-{b}',
  eta_none: 'Sibala isikhathi…',
  collecting_hint: 'Uzoqala ukuza kuwe maduze.',
  door_hint: 'Nika umshayeli ikhodi yezinombolo ezine esengxoxweni kuphela uma usuyitholile i-oda.',
  away: '{n} kuwe',
  from_shop: '{n} esitolo',
  live: 'Bukhoma',
  connecting: 'Iyaxhuma…',
  last_seen: 'Ubonwe emizuzwini engu-{n} edlule',
  no_position: 'Silinde indawo yomshayeli',
  hidden: 'Ibalazwe liqala uma sekuyithuba lakho',
  bicycle: 'Ibhayisikili',
  motorbike: 'Isithuthuthu',
  car: 'Imoto',
  bakkie: 'Ibhakhi',
  truck: 'Iloli',
  over_delivered: 'Ifikile. Uyidle kamnandi!',
  over_delivered_more: 'Siyabonga nge-oda yakho. Leli khasi seliqedile umsebenzi walo.',
  over_reassigned: 'Omunye umshayeli uletha i-oda yakho',
  over_reassigned_more: 'Sizokuthumelela isixhumanisi esisha engxoxweni uma esendleleni.',
  over_ended: 'Lokhu kulethwa sekuphelile',
  over_ended_more: 'Lesi sixhumanisi asisabonisi lutho. Izindaba ze-oda yakho zisengxoxweni.',
  gone: 'Lesi sixhumanisi asisebenzi',
  gone_more: 'Vula isixhumanisi esisha kunazo zonke engxoxweni yakho.',
  no_script: 'Ibalazwe lidinga iJavaScript. Izindaba ze-oda yakho zisengxoxweni.',
  other_language: 'English',
};

export const PAGE_TEXT: Readonly<Record<PageLanguage, PageText>> = { en: ENGLISH, zu: ISIZULU };

/** The asked language when it is spoken here, else the reader's first one that is, else English. */
export function pageLanguage(asked: string | undefined, acceptLanguage: string): PageLanguage {
  const spoken = (tag: string): PageLanguage | undefined => PAGE_LANGUAGES.find((known) => known === tag.trim().slice(0, 2).toLowerCase());
  const ranked = acceptLanguage
    .split(',', MAX_ACCEPTED)
    .map((part) => ({ tag: part.split(';')[0] ?? '', weight: Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return spoken(asked ?? '') ?? ranked.map(({ tag }) => spoken(tag)).find((known) => known !== undefined) ?? 'en';
}

/** Languages of a browser's header that are looked at. */
const MAX_ACCEPTED = 16;
