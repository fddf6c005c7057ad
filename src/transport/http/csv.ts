/** Reads CSV as RFC 4180 describes it: quoted fields, doubled quotes, CRLF or LF; separated as spreadsheets do it. It must never know a column. */

/** Where the comma is the decimal sign, as in South Africa, spreadsheets put semicolons between fields. */
const SEPARATORS = [',', ';', '\t'] as const;

/**
 * @param text a byte-order mark is dropped; fields are separated by the first of comma, semicolon and tab that its first line has.
 * @param maxRows most rows, the header included.
 * @returns rows of fields without blank lines; null when a quote is not closed, text follows a closing quote, or
 * there are more rows than allowed.
 */
export function parseCsv(text: string, maxRows: number): string[][] | null {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const firstLine = text.slice(at, (text.indexOf('\n', at) + 1 || text.length + 1) - 1);
  const separator = SEPARATORS.find((sign) => firstLine.includes(sign)) ?? ',';
  while (at <= text.length) {
    const field = text[at] === '"' ? quotedField(text, at, separator) : plainField(text, at, separator);
    if (field === null) return null;
    row.push(field.value);
    at = field.end;
    if (text[at] === separator) {
      at++;
      continue;
    }
    if (row.length > 1 || row[0] !== '') {
      if (rows.length === maxRows) return null;
      rows.push(row);
    }
    row = [];
    if (at >= text.length) break;
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return rows;
}

interface Field {
  readonly value: string;
  /** Index of the separator, line break or end behind it. */
  readonly end: number;
}

function plainField(text: string, from: number, separator: string): Field {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return { value: text.slice(from, end), end };
}

function quotedField(text: string, from: number, separator: string): Field | null {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const next = text[quote + 1];
      return next === undefined || next === separator || next === '\n' || next === '\r' ? { value, end: quote + 1 } : null;
    }
    value += '"';
    at = quote + 2;
  }
}
