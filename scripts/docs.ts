/** Writes docs/ERRORS.md and docs/CONFIG.md from the registries: `npx tsx scripts/docs.ts`; `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeVariables } from '../src/config-schema.ts';
import { ERRORS } from '../src/errors.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function renderErrors(): string {
  const rows = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, cause, fix }]) => `| \`${code}\` | ${status} | ${cell(cause)} | ${cell(fix)} |`);
  return `# Errors

Every error has a code \`group.reason\`. Over HTTP it is a problem document (\`application/problem+json\`) with \`type\`, \`title\`,
\`status\`, \`code\`, \`detail\`, \`request_id\`, sometimes \`details\` and, for validation, \`errors[]\`. Match on \`code\`, never on text.
Statuses 429 and 503 carry \`Retry-After\`. This page is generated from \`src/errors.ts\` by \`npx tsx scripts/docs.ts\`.

| code | status | cause | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function renderConfig(): string {
  const groups = new Map<string, string[]>();
  for (const { name, group, meaning, default: shown } of describeVariables()) {
    groups.set(group, [...(groups.get(group) ?? []), `| \`${name}\` | ${cell(shown)} | ${cell(meaning)} |`]);
  }
  const sections = [...groups].map(
    ([group, rows]) => `## ${group}\n\n| name | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`,
  );
  return `# Configuration

Everything comes from the environment; an empty value counts as unset. A bad value stops the start with exit code 78 and the
complete list of problems. This page is generated from \`src/config-schema.ts\` by \`npx tsx scripts/docs.ts\`.

${sections.join('\n')}`;
}

export const PAGES: readonly { readonly path: string; readonly render: () => string }[] = [
  { path: 'docs/ERRORS.md', render: renderErrors },
  { path: 'docs/CONFIG.md', render: renderConfig },
];

function main(): void {
  const checkOnly = process.argv.includes('--check');
  for (const { path, render } of PAGES) {
    const file = new URL(`../${path}`, import.meta.url);
    if (!checkOnly) writeFileSync(file, render());
    else if (readFileSync(file, 'utf8') !== render()) {
      console.error(`${path} is out of date: run npx tsx scripts/docs.ts`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
