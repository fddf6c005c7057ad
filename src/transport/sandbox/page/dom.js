/** Small helpers of pages drawn by hand (the sandbox, the driver's app): elements without innerHTML, drawing only what changed, times, money, chat formatting. Knows no endpoint. */

/** `el('p', { class: 'x', onclick: f }, 'text', child)`; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/**
 * Makes `nodes` the children of `parent` and leaves alone what already stands there in this order: focus, selected text and a tap that
 * is half done survive, and a screen reader is told only what is new.
 */
export function arrange(parent, nodes) {
  const kept = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

/** @returns `node(key, data, build)`: what was built for a key before, as long as its data (as JSON) is the same; `sweep()` forgets what one drawing did not ask for. */
export function keeper() {
  let before = new Map();
  let now = new Map();
  return {
    node(key, data, build) {
      const text = JSON.stringify(data);
      const known = before.get(key) ?? now.get(key);
      const kept = known?.text === text ? known : { text, node: build() };
      now.set(key, kept);
      return kept.node;
    },
    sweep() {
      before = now;
      now = new Map();
    },
  };
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const timeOf = (iso) => TIME.format(new Date(iso));

export function dayOf(iso) {
  const day = new Date(iso).toDateString();
  if (day === new Date().toDateString()) return 'Today';
  if (day === new Date(Date.now() - 86_400_000).toDateString()) return 'Yesterday';
  return DAY.format(new Date(iso));
}

/** 4550 ZAR -> `R45.50`; other currencies by their code. */
export function money(minor, currency) {
  const sign = minor < 0 ? '-' : '';
  const text = (Math.abs(minor) / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
  return `${sign}${currency === 'ZAR' ? 'R' : `${currency} `}${text}`;
}

/**
 * A pair of signs stands at the edges of words, with no space inside: `order_id_x` and `2*3*4` are plain text. A sign behind a letter is
 * taken with it, so that it opens nothing: looking behind would keep the driver's app from starting in Safari before 16.4.
 */
const MARKUP =
  /(https?:\/\/[^\s<>]+|[\p{L}\p{M}\p{N}][*_~]+|(?:\*(?!\s)[^*\n]*[^*\s]\*|_(?!\s)[^_\n]*[^_\s]_|~(?!\s)[^~\n]*[^~\s]~)(?![\p{L}\p{M}\p{N}]))/u;
const TAGS = { '*': 'b', _: 'i', '~': 's' };

const CLOSES = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** How much of the address is meant: what ends the sentence around it is not, and a bracket only if it was opened in it. */
function lengthOfLink(address) {
  const count = (sign) => address.split(sign).length - 1;
  const excess = new Map([...CLOSES].map(([close, open]) => [close, count(close) - count(open)]));
  let length = address.length;
  for (; length > 0; length -= 1) {
    const last = address[length - 1];
    const spare = excess.get(last);
    if (spare === undefined ? !/[.,;:!?'"*~([{…»”’。、،؟]/.test(last) : spare <= 0) break;
    if (spare !== undefined) excess.set(last, spare - 1);
  }
  return length;
}

/** An address as a link, and what follows it as text. */
function linked(part) {
  const address = part.slice(0, lengthOfLink(part));
  if (!/^https?:\/\/[^/]/.test(address)) return [document.createTextNode(part)];
  const link = el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, address);
  const rest = part.slice(address.length);
  return rest === '' ? [link] : [link, document.createTextNode(rest)];
}

/** WhatsApp's links, *bold*, _italic_ and ~struck~ as nodes; everything else stays text. */
export function formatted(text) {
  return text.split(MARKUP).flatMap((part) => {
    if (/^https?:\/\//.test(part)) return linked(part);
    const tag = part.length > 2 && part[0] === part.at(-1) ? TAGS[part[0]] : undefined;
    return tag === undefined ? document.createTextNode(part) : el(tag, {}, part.slice(1, -1));
  });
}

export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return ((words[0]?.[0] ?? 'W') + (words[1]?.[0] ?? '')).toUpperCase();
}
