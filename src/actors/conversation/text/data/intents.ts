/** What the data can say of a text: which intent it has, where one word is enough, and how much speaks for each language. Types only. */
import type { Language } from '../../../tenant/protocol.ts';

/** Simple intents, without parts. `yes` and `no` also answer questions. */
export type SimpleIntent =
  | 'menu'
  | 'cancel'
  | 'help'
  | 'person'
  | 'stop'
  | 'start'
  | 'greet'
  | 'thanks'
  | 'yes'
  | 'no'
  | 'checkout'
  | 'view_cart'
  | 'clear_cart'
  | 'track'
  /** Said or asked: cash on delivery is the only way. */
  | 'pay_cash'
  | 'pickup'
  /** Whether, how far and for how much we deliver. */
  | 'delivery'
  /** How long it takes, of what may not be ordered yet. */
  | 'how_long'
  /** Whether the shop is open. */
  | 'open'
  /** What costs least. */
  | 'cheapest'
  /** It costs too much. */
  | 'too_dear'
  /** They need a moment. */
  | 'wait'
  | 'change_address'
  /** What is in the cart is to come with the order that is open. */
  | 'join_order';

/** How much of a text speaks for each language; heard once, weighed among whichever languages matter. */
export type LanguageScores = Readonly<Record<Language, number>>;
