/** A readable page of the contract and of all error codes, without script or outside assets. It must never hold data of a tenant. */
import { createHash } from 'node:crypto';
import { ERRORS } from '../../../errors.ts';
import { escapeHtml, proseHtml } from '../escape-html.ts';
import type { ApiRoute } from './api.ts';
import { anchorOf, schemaHtml, typeHtml } from './docs-schemas.ts';
import type { Schema } from './openapi-schemas.ts';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8884}
code{font-size:.9em;overflow-wrap:anywhere}nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}nav a{padding:.15rem 0}tr:target,section:target{outline:2px solid #0a7}
summary{cursor:pointer;width:fit-content;font-size:.9em;opacity:.85}details h4{margin:.8rem 0 .2rem}details p{margin:.2rem 0}.fields{font-size:.9em}.fields td{overflow-wrap:anywhere}small{opacity:.75}
@media(max-width:700px){thead{display:none}table,tbody,tr,td{display:block}tr{padding:.5rem 0;border-bottom:1px solid #8884}td{padding:.1rem 0;border:0}td:empty{display:none}.fields{padding-left:.8rem;border-left:2px solid #8884}}`;

/** Allows this one style sheet and nothing else. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`;

type Media = Readonly<Record<string, { readonly schema: Schema }>>;
/** As much of an OpenAPI operation as the page shows. */
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Media };
  readonly responses: Readonly<Record<string, { readonly content?: Media }>>;
}
interface Contract {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** @param document the OpenAPI document of these routes: what they take and answer is told from it. @returns HTML */
export function docsPage(routes: readonly ApiRoute[], document: Schema): string {
  const contract = document as unknown as Contract;
  const tags = [...new Set(routes.map((route) => route.tag))];
  const links = [...tags.map((tag) => [tagAnchor(tag), tag]), ['types', 'Types'], ['errors', 'Error codes']];
  const nav = links.map(([anchor = '', name = '']) => `<a href="#${escapeHtml(anchor)}">${escapeHtml(name)}</a>`).join('');
  const sections = tags
    .map((tag) => {
      const ofTag = routes.filter((route) => route.tag === tag);
      return `<h2 id="${escapeHtml(tagAnchor(tag))}">${escapeHtml(tag)}</h2>${table(ofTag, contract)}`;
    })
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Wakala API</title><style>${STYLE}</style></head>
<body><main><h1>Wakala API</h1><p>${proseHtml(contract.info.description)}</p><p>Machine-readable: <a href="/openapi.json">/openapi.json</a>. Send <code>Authorization: Bearer &lt;JWT&gt;</code>; errors are <code>application/problem+json</code>, a <a href="#${anchorOf('Problem')}">Problem</a>.</p>
<nav aria-label="Sections">${nav}</nav>${sections}<h2 id="types">Types</h2>${types(contract)}<h2 id="errors">Error codes</h2>${errors()}</main></body></html>`;
}

function tagAnchor(tag: string): string {
  return `calls-${tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

function table(routes: readonly ApiRoute[], contract: Contract): string {
  const rows = routes.map((route) => {
    const call = `<code>${route.method} ${escapeHtml(route.path)}</code>`;
    const what = `${escapeHtml(route.summary)}${details(operationOf(route, contract))}`;
    return `<tr><td>${call}</td><td>${what}</td><td><code>${route.permission}</code>${or(route)}</td></tr>`;
  });
  return `<table><thead><tr><th>Call</th><th>What it does</th><th>Permission</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function operationOf({ method, path }: ApiRoute, { paths }: Contract): Operation | undefined {
  return paths[path.replaceAll(/:([a-z_]+)/g, '{$1}')]?.[method.toLowerCase()];
}

/** What is sent and what comes back; problems are the same everywhere and have a place of their own. */
function details(operation: Operation | undefined): string {
  if (operation === undefined) return '';
  const { parameters = [], requestBody, responses } = operation;
  const asked = Object.fromEntries(
    parameters.map(({ name, in: place, description, schema }) => [
      place === 'header' ? `${name}:` : name,
      description === undefined ? schema : { ...schema, description },
    ]),
  );
  const required = parameters.filter((one) => one.required).map(({ name, in: place }) => (place === 'header' ? `${name}:` : name));
  const parts = [
    ...(parameters.length === 0 ? [] : [`<h4>Parameters</h4>${schemaHtml({ type: 'object', properties: asked, required })}`]),
    ...mediaHtml('Body', requestBody?.content),
    ...Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .flatMap(([status, { content }]) =>
        content === undefined ? [`<h4>Answer ${status}</h4><p>nothing</p>`] : mediaHtml(`Answer ${status}`, content),
      ),
  ];
  return parts.length === 0 ? '' : `<details><summary>What it takes and answers</summary>${parts.join('')}</details>`;
}

function mediaHtml(title: string, content: Media | undefined): string[] {
  return Object.entries(content ?? {}).map(([type, { schema }]) => {
    const as = type === 'application/json' ? '' : ` <small>${escapeHtml(type)}</small>`;
    return `<h4>${title}${as}</h4>${type.includes('json') ? schemaHtml(schema) : `<p>${typeHtml(schema)}</p>`}`;
  });
}

function types({ components }: Contract): string {
  return Object.entries(components.schemas)
    .map(([name, schema]) => `<section id="${anchorOf(escapeHtml(name))}"><h3>${escapeHtml(name)}</h3>${schemaHtml(schema)}</section>`)
    .join('');
}

function errors(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, cause, fix }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${proseHtml(cause)}</td><td>${proseHtml(fix)}</td></tr>`,
  );
  return `<table><thead><tr><th>Code</th><th>Status</th><th>Cause</th><th>What to do</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function or({ orPermission }: ApiRoute): string {
  return orPermission === undefined ? '' : ` or <code>${orPermission}</code>`;
}
