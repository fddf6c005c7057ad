/** A readable page of the contract and of all error codes, without script or outside assets. It must never hold data of a tenant. */
import { createHash } from 'node:crypto';
import { ERRORS } from '../../../errors.ts';
import type { ApiRoute } from './api.ts';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8884}
code{font-size:.9em;overflow-wrap:anywhere}tr:target{outline:2px solid #0a7}
@media(max-width:700px){thead{display:none}table,tbody,tr,td{display:block}tr{padding:.5rem 0;border-bottom:1px solid #8884}td{padding:.1rem 0;border:0}}`;

/** Allows this one style sheet and nothing else. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`;

export function docsPage(routes: readonly ApiRoute[]): string {
  const tags = [...new Set(routes.map((route) => route.tag))];
  const sections = tags.map((tag) => `<h2>${escapeHtml(tag)}</h2>${table(routes.filter((route) => route.tag === tag))}`).join('');
  const errors = Object.entries(ERRORS)
    .map(
      ([code, { status, cause, fix }]) =>
        `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${prose(cause)}</td><td>${prose(fix)}</td></tr>`,
    )
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Wakala API</title><style>${STYLE}</style></head>
<body><main><h1>Wakala API</h1><p>Machine-readable: <a href="/openapi.json">/openapi.json</a>. Send <code>Authorization: Bearer &lt;JWT&gt;</code>; errors are <code>application/problem+json</code>.</p>
${sections}<h2>Error codes</h2><table><thead><tr><th>Code</th><th>Status</th><th>Cause</th><th>What to do</th></tr></thead><tbody>${errors}</tbody></table></main></body></html>`;
}

function table(routes: readonly ApiRoute[]): string {
  const rows = routes.map(
    (route) =>
      `<tr><td><code>${route.method} ${escapeHtml(route.path)}</code></td><td>${escapeHtml(route.summary)}</td><td><code>${route.permission}</code>${or(route)}</td></tr>`,
  );
  return `<table><thead><tr><th>Call</th><th>What it does</th><th>Permission</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function or({ orPermission }: ApiRoute): string {
  return orPermission === undefined ? '' : ` or <code>${orPermission}</code>`;
}

function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
