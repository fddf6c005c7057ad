/** What a customer may ask for from any state: help, a person, a language, cancelling, no more marketing. */
import type { Language } from '../../../tenant/protocol.ts';
import { BUTTON_TITLE_MAX_CHARS } from '../../limits.ts';
import { buttons, menuButton, personButton, say, shopName, text } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { cut } from '../../text/saying/cut.ts';
import { isPlacing } from '../steps/checkout.ts';
import { cancelOrder, openOrder } from '../steps/orders.ts';
import { endDraft } from './placing.ts';

/** In their own words, so that they are found by who needs them. */
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zu: 'isiZulu', xh: 'isiXhosa', st: 'Sesotho', af: 'Afrikaans' };
const BUTTONS_MAX = 3;

export function showHelp(turn: Turn): void {
  turn.reply = buttons(say(turn, 'help', { shop: shopName(turn) }), [
    menuButton(turn),
    { id: 'cart', title: say(turn, 'button_cart') },
    personButton(turn),
  ]);
}

/** The bot is silent from here on, until it is released or the conversation was quiet for a day. */
export function handOver(turn: Turn): void {
  turn.reply = text(say(turn, 'person_coming', { shop: shopName(turn) }));
  change(turn, { state: 'SUPPORT', misses: 0 });
}

/** Back from a person, in the state that the conversation's contents ask for. */
export function takeBack(turn: Turn): void {
  const { cart, checkout } = turn.session;
  const busy = checkout !== null || cart.lines.length > 0;
  change(turn, { state: busy ? 'CUSTOMER_FLOW' : openOrder(turn.session) !== null ? 'ORDER_TRACKING' : 'GREETING', misses: 0 });
  turn.reply = buttons(say(turn, 'bot_back', { shop: shopName(turn) }), [menuButton(turn)]);
}

export function chooseLanguage(turn: Turn): void {
  const offered = turn.context.view?.settings.languages ?? [];
  const choices = offered.map((language) => ({ id: `lang:${language}`, title: LANGUAGE_NAMES[language] }));
  const asked = say(turn, 'choose_language');
  turn.reply =
    choices.length <= BUTTONS_MAX
      ? buttons(asked, choices.length === 0 ? [menuButton(turn)] : choices)
      : {
          kind: 'list',
          text: asked,
          button: cut(say(turn, 'menu_button'), BUTTON_TITLE_MAX_CHARS),
          sections: [{ title: shopName(turn), rows: choices }],
        };
}

/** An explicit choice: detection never changes it again. */
export function setLanguage(turn: Turn, language: Language): void {
  change(turn, { language, languageChosen: true });
  turn.reply = buttons(say(turn, 'language_changed', { language: LANGUAGE_NAMES[language] }), [menuButton(turn)]);
}

/** No more marketing; acknowledged once. Service goes on when the customer writes again. */
export function optOut(turn: Turn): void {
  if (turn.session.optedOut) return;
  change(turn, { optedOut: true });
  turn.reply = text(say(turn, 'stopped', { shop: shopName(turn) }));
}

export function optIn(turn: Turn): void {
  change(turn, { optedOut: false });
  turn.reply = buttons(say(turn, 'resumed', { shop: shopName(turn) }), [menuButton(turn)]);
}

/** The draft is dropped, an order is asked to cancel itself; with both, the customer says which. */
export function cancel(turn: Turn): void {
  const { cart, checkout } = turn.session;
  if (isPlacing(checkout)) {
    change(turn, { checkout: { ...checkout, cancelled: true } });
    return;
  }
  const draft = checkout !== null || cart.lines.length > 0;
  const open = openOrder(turn.session);
  if (draft && open !== null) {
    turn.reply = buttons(say(turn, 'cancel_what'), [
      { id: 'cancel:draft', title: say(turn, 'button_cart') },
      { id: `cancel:${open.id}`, title: `#${open.code}` },
      menuButton(turn),
    ]);
  } else if (draft) endDraft(turn);
  else if (open !== null) cancelOrder(turn, open.id);
  else turn.reply = buttons(say(turn, 'no_order'), [menuButton(turn)]);
}
