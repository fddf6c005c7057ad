/** The tenant's catalogue as a customer browses it: categories, then products, in pages that fit one WhatsApp list. */
import type { Product } from '../../../tenant/protocol.ts';
import type { TenantView } from '../../../tenant/view.ts';
import { CATEGORY_ID_MAX_CHARS, LIST_PAGE, LIST_ROWS_MAX, ROW_DESCRIPTION_MAX_CHARS, ROW_TITLE_MAX_CHARS } from '../../limits.ts';
import type { OutboundBody } from '../../protocol.ts';
import { buttons, menuButton, money, personButton, say, shopName } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import type { CompiledCatalogue } from '../../text/catalogue/catalogue.ts';
import { CatalogueIndex } from '../../text/catalogue/catalogue-index.ts';
import { categoryWords } from '../../text/catalogue/categories.ts';
import { cut } from '../../text/saying/cut.ts';
import { listWasShown } from './asked.ts';

interface Shelf {
  readonly byId: ReadonlyMap<string, Product>;
  /** Sellable products by category, both in catalogue order. */
  readonly categories: ReadonlyMap<string, readonly Product[]>;
  readonly categoryWords: ReadonlyMap<string, string>;
  readonly index: CatalogueIndex;
  readonly compiled: CompiledCatalogue;
}

const NO_INDEX = new CatalogueIndex();
const EMPTY_SHELF: Shelf = {
  byId: new Map(),
  categories: new Map(),
  categoryWords: new Map(),
  index: NO_INDEX,
  compiled: NO_INDEX.compiled,
};
/** Pure memo: a view never changes, a changed tenant is a new view. */
const shelves = new WeakMap<TenantView, Shelf>();

/** Compiled once per view and thread; O(products) then, O(1) afterwards. */
export function shelfOf(view: TenantView | null): Shelf {
  if (view === null) return EMPTY_SHELF;
  const known = shelves.get(view);
  // An index serves one view at a time: what it said of another is used up.
  if (known !== undefined && known.index.compiled === known.compiled) return known;
  const categories = new Map<string, Product[]>();
  for (const product of view.products) {
    if (!isSellable(product)) continue;
    const list = categories.get(product.category);
    if (list === undefined) categories.set(product.category, [product]);
    else list.push(product);
  }
  const index = indexFor(view);
  const shelf: Shelf = {
    byId: new Map(view.products.map((product) => [product.id, product])),
    categories,
    categoryWords: categoryWords([...categories.keys()]),
    index,
    compiled: index.compiled,
  };
  shelves.set(view, shelf);
  return shelf;
}

/** Remembered indexes; beyond this many tenants the one longest not asked for goes. As many as views are kept, which hold theirs anyway. */
const INDEXES_MAX = 10_000;
/** Pure memo: stock changes with every order, names hardly ever, and then few of them. In the order of use, oldest first. */
const indexes = new Map<number, CatalogueIndex>();

function indexFor(view: TenantView): CatalogueIndex {
  const index = indexes.get(view.tenantId) ?? new CatalogueIndex();
  index.replace(view.products.filter((product) => product.available));
  indexes.delete(view.tenantId);
  // All at once would have the largest shops of all compiled again at the same time, half a second each.
  const [longestUnused] = indexes.keys();
  if (indexes.size >= INDEXES_MAX && longestUnused !== undefined) indexes.delete(longestUnused);
  indexes.set(view.tenantId, index);
  return index;
}

/** @returns null for an id that this tenant does not sell at all. */
export function productOf(turn: Turn, productId: string): Product | null {
  return shelfOf(turn.context.view).byId.get(productId) ?? null;
}

export function isSellable(product: Product): boolean {
  return product.available && (product.stock === null || product.stock > 0);
}

/** Categories as a list; the products at once when there is only one category; a person when there is nothing to sell. */
export function showMenu(turn: Turn, page: number): void {
  enterCustomerFlow(turn);
  const { categories } = shelfOf(turn.context.view);
  const intro = say(turn, 'menu_intro', { shop: shopName(turn) });
  const [only] = categories.keys();
  if (only === undefined) {
    turn.reply = buttons(say(turn, 'shop_closed', { shop: shopName(turn) }), [personButton(turn)]);
    return;
  }
  if (categories.size === 1) turn.reply = productList(turn, only, page, intro);
  else turn.reply = categoryList(turn, page, `${intro}\n${say(turn, 'category_prompt')}`);
  listWasShown(turn, categories.size === 1 ? pageId(only, page) : `menu:${page}`);
}

function categoryList(turn: Turn, page: number, intro: string): OutboundBody {
  const rows = [...shelfOf(turn.context.view).categories].map(([name, products]) => ({
    id: categoryId(name),
    title: name,
    description: products.map((product) => product.name).join(', '),
  }));
  return list(turn, intro, rows, page, (next) => `menu:${next}`);
}

/** @param shown the id of a page, as `listShown` keeps it. @returns the ids of its rows as they are now; none for a part of the menu that is gone. */
export function rowsOf(turn: Turn, shown: string): readonly string[] {
  const [kind = '', page = '', ...rest] = shown.split(':');
  const category = kind === 'page' ? categoryOf(turn, rest.join(':')) : undefined;
  if (kind === 'page' && category === undefined) return [];
  const body = category === undefined ? categoryList(turn, Number(page), '') : productList(turn, category, Number(page), '');
  return body.kind === 'list' ? body.sections.flatMap(({ rows }) => rows.map(({ id }) => id)) : [];
}

/** @param key the part of its name that went into a row id. */
function categoryOf(turn: Turn, key: string): string | undefined {
  return [...shelfOf(turn.context.view).categories.keys()].find((category) => cut(category, CATEGORY_ID_MAX_CHARS) === key);
}

function pageId(category: string, page: number): string {
  return `page:${page}:${cut(category, CATEGORY_ID_MAX_CHARS)}`;
}

/** @param key the part of a category's name that went into the row id. An unknown one shows the menu: the tap is stale. */
export function showCategory(turn: Turn, key: string, page: number): void {
  const name = categoryOf(turn, key);
  if (name === undefined) {
    turn.leads.push(say(turn, 'stale_button'));
    showMenu(turn, 0);
    return;
  }
  enterCustomerFlow(turn);
  turn.reply = productList(turn, name, page, say(turn, 'products_in', { category: name }));
  listWasShown(turn, pageId(name, page));
}

/** More than these are a list, which has the descriptions in its rows. */
const DESCRIBED_MAX = 2;

/** "What's in the kota?" */
function describedPrice(turn: Turn, { name, priceMinor, description }: Product, described: boolean): string {
  const price = say(turn, 'price_of', { item: name, price: money(turn, priceMinor) });
  return described && description !== null && description !== '' ? `${price} ${cut(description, ROW_DESCRIPTION_MAX_CHARS)}.` : price;
}

/** Each with its price, or that there is none today. */
export function askedLines(turn: Turn, products: readonly Product[]): string {
  const lines = products
    .slice(0, LIST_ROWS_MAX)
    .map((product) =>
      isSellable(product) ? describedPrice(turn, product, products.length <= DESCRIBED_MAX) : say(turn, 'sold_out', { item: product.name }),
    );
  return lines.length === 0 ? say(turn, 'menu_intro', { shop: shopName(turn) }) : lines.join('\n');
}

/** A list of the given products to choose from. @param tapOf the id of a product's row. */
export function chooseProducts(
  turn: Turn,
  intro: string,
  products: readonly Product[],
  tapOf: (productId: string) => string,
): OutboundBody {
  return products.length === 0
    ? buttons(intro, [menuButton(turn)])
    : list(
        turn,
        intro,
        products.slice(0, LIST_ROWS_MAX).map((product) => ({ ...productRow(turn, product), id: tapOf(product.id) })),
        0,
        String,
      );
}

/** What there is for so much money, the dearest of it first; with nothing for so little, what costs least. O(products): money alone is rare. */
export function showWithin(turn: Turn, amountMinor: number): void {
  enterCustomerFlow(turn);
  const products = [...shelfOf(turn.context.view).categories.values()].flat().sort((a, b) => b.priceMinor - a.priceMinor);
  const cheapest = products[products.length - 1];
  if (cheapest === undefined) {
    showMenu(turn, 0);
    return;
  }
  const within = products.filter(({ priceMinor }) => priceMinor <= amountMinor);
  const amount = money(turn, amountMinor);
  const shown = within.length > 0 ? within : products.filter(({ priceMinor }) => priceMinor === cheapest.priceMinor);
  const intro =
    within.length > 0
      ? say(turn, 'within_budget', { amount })
      : say(turn, 'over_budget', { amount, item: cheapest.name, price: money(turn, cheapest.priceMinor) });
  turn.reply = chooseProducts(turn, intro, shown, (id) => `prod:${id}`);
}

/** As many as one looks at. */
const CHEAPEST_MAX = 3;

/** What costs least of what is on sale, the cheapest first. O(products log products): rarely asked. @param category null for the whole menu. */
export function cheapestOf(turn: Turn, category: string | null): readonly Product[] {
  const { categories } = shelfOf(turn.context.view);
  const shown = category === null ? [...categories.values()].flat() : (categories.get(category) ?? []);
  return [...shown].sort((a, b) => a.priceMinor - b.priceMinor).slice(0, CHEAPEST_MAX);
}

export function showCheapest(turn: Turn, category: string | null): void {
  enterCustomerFlow(turn);
  const products = cheapestOf(turn, category);
  if (products.length === 0) showMenu(turn, 0);
  else turn.reply = chooseProducts(turn, `${say(turn, 'cheapest')}\n${askedLines(turn, products)}`, products, (id) => `prod:${id}`);
}

function categoryId(name: string): string {
  return `cat:${cut(name, CATEGORY_ID_MAX_CHARS)}`;
}

function productList(turn: Turn, category: string, page: number, intro: string): OutboundBody {
  const products = shelfOf(turn.context.view).categories.get(category) ?? [];
  const rows = products.map((product) => productRow(turn, product));
  return list(turn, intro, rows, page, (next) => pageId(category, next));
}

function productRow(turn: Turn, product: Product): Row {
  const price = money(turn, product.priceMinor);
  return {
    id: `prod:${product.id}`,
    title: product.name,
    description: product.description === null ? price : `${price} · ${product.description}`,
  };
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

function list(turn: Turn, intro: string, rows: readonly Row[], page: number, moreId: (page: number) => string): OutboundBody {
  const paged = rows.length > LIST_ROWS_MAX;
  const pages = paged ? Math.ceil(rows.length / LIST_PAGE) : 1;
  const at = Number.isSafeInteger(page) && page > 0 && page < pages ? page : 0;
  const shown = (paged ? rows.slice(at * LIST_PAGE, (at + 1) * LIST_PAGE) : rows).map((row) => ({
    id: row.id,
    title: cut(row.title, ROW_TITLE_MAX_CHARS),
    description: cut(row.description, ROW_DESCRIPTION_MAX_CHARS),
  }));
  const more = paged ? [{ id: moreId((at + 1) % pages), title: cut(say(turn, 'more_row'), ROW_TITLE_MAX_CHARS) }] : [];
  return {
    kind: 'list',
    text: intro,
    button: say(turn, 'menu_button'),
    sections: [{ title: cut(shopName(turn), ROW_TITLE_MAX_CHARS), rows: [...shown, ...more] }],
  };
}

/** Browsing and filling the cart. A quote that was shown no longer counts; one that is being ordered is left alone. */
export function enterCustomerFlow(turn: Turn): void {
  const { checkout } = turn.session;
  const open = checkout !== null && (checkout.phase === 'address' || checkout.phase === 'confirm');
  change(turn, { state: 'CUSTOMER_FLOW', misses: 0, ...(open ? { checkout: null, step: null } : {}) });
}
