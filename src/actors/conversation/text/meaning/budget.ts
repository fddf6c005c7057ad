/** What somebody has to spend, without a name of anything: "i have R50", "what can i get for 50 rand", "ngine R50". Pure; knows no menu. */
import { RANDS } from '../data/order-words.ts';

interface Budget {
  /** Whole rands or with cents. */
  readonly rands: number;
  /** What there is for it is asked: "anything under R30". Else only said: "i have R50". */
  readonly asks: boolean;
}

/** Most texts have no money in them. */
const MAY_NAME_MONEY = /r ?\d|\d ?(?:r\b|rand|buck|bob\b|zar)/i;
const RAND_WORD = /^r?(\d{1,5}(?:\.\d{1,2})?)r?$/;

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** They ask what there is for it. */
const ASKING = set(
  'what wat whats wats anything something nothing which under below less cheaper ngingatholani ngingathola ngingathenga ngingathengani ngizotholani ngizothola ngithola ngitholani ngiyitholani ini yini eng nka wat iets onder',
);
/** All else that may stand beside it; any other word speaks of something else. */
const BESIDE = set(
  'i we only just about have got hv hav ve got a the my is s it can could do does will would get buy eat order afford give me us take sell have for with than around max maximum budget of on to too u you your there here and so but please pls plz hi hello hey sawubona dumela molo eish ok okay food now today left want need gimme ' +
    'ngine ngina nginayo nginemali nginama sine sinama imali nge nga ngo ka nje kuphela engu ngemali uma ngifuna ukudla ukuthenga into ngaphansi kwa ke na le nnete chelete fela feela mpha reka fumana ja ek het n vir met kry koop wil geld net eet',
);

/** @param words normalised. @returns null when something else is spoken of, too, or no money. */
export function budgetIn(words: string): Budget | null {
  if (!MAY_NAME_MONEY.test(words)) return null;
  const tokens = words.split(' ');
  let rands: number | null = null;
  let asks = false;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as string;
    const money = RAND_WORD.exec(token);
    if (money !== null && isOfRands(tokens, at)) {
      if (rands !== null) return null;
      rands = Number(money[1]);
    } else if (ASKING.has(token)) asks = true;
    else if (!BESIDE.has(token) && !RANDS.has(token) && token !== 'r') return null;
  }
  return rands === null || rands <= 0 ? null : { rands, asks };
}

/** "R50", "r 50", "50r", "50 rand"; a bare "50" is anything. */
function isOfRands(tokens: readonly string[], at: number): boolean {
  const token = tokens[at] as string;
  return token.startsWith('r') || token.endsWith('r') || tokens[at - 1] === 'r' || RANDS.has(tokens[at + 1] ?? '');
}
