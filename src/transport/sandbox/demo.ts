/** People and places for the sandbox phone. Invented; the numbers belong to nobody. Data only: it must never be read outside the sandbox. */

interface DemoCustomer {
  readonly waId: string;
  readonly name: string;
  /** Language that the person writes in, for the label on the page. */
  readonly language: string;
  /** Openers offered while the chat is empty. */
  readonly hints: readonly string[];
}

interface DemoPlace {
  readonly name: string;
  readonly address: string;
  readonly lat: number;
  readonly lng: number;
}

export const DEMO_CUSTOMERS: readonly DemoCustomer[] = [
  {
    waId: '27600000101',
    name: 'Lerato Mokoena',
    language: 'English',
    hints: ['Hi', '2 kota and a coke pls', 'ngicela ama-vetkoek amabili necoke'],
  },
  { waId: '27600000102', name: 'Sipho Dlamini', language: 'isiZulu', hints: ['Sawubona', 'ngicela ama-vetkoek amabili necoke', 'menu'] },
  { waId: '27600000103', name: 'Nomsa Qwabe', language: 'isiXhosa', hints: ['Molo', 'ndicela ikota enye', 'menu'] },
  { waId: '27600000104', name: 'Palesa Radebe', language: 'Sesotho', hints: ['Dumela', 'ke kopa dikota tse pedi', 'menu'] },
  { waId: '27600000105', name: 'Anri van Wyk', language: 'Afrikaans', hints: ['Goeie dag', 'twee kotas en ’n coke asseblief', 'menu'] },
];

/** For a number that the visitor typed. */
export const GENERAL_HINTS: readonly string[] = ['Hi', '2 kota and a coke pls', 'ngicela ama-vetkoek amabili necoke'];

export const DEMO_PLACES: readonly DemoPlace[] = [
  { name: 'Vilakazi Street', address: 'Orlando West, Soweto', lat: -26.2386, lng: 27.9086 },
  { name: 'Maponya Mall', address: 'Klipspruit, Soweto', lat: -26.2597, lng: 27.9011 },
  { name: 'Orlando Towers', address: 'Orlando, Soweto', lat: -26.2534, lng: 27.9268 },
  { name: 'Jabulani Mall', address: 'Jabulani, Soweto', lat: -26.2496, lng: 27.8545 },
  { name: 'Chris Hani Baragwanath', address: 'Diepkloof, Soweto', lat: -26.2612, lng: 27.9427 },
  { name: 'Rosebank (too far)', address: 'Johannesburg North', lat: -26.1467, lng: 28.0416 },
];
