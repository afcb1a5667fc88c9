/** What a file of CSV begins with, as Excel reads one without it in the code page of the system. */
export const byteOrderMark = '\ufeff';

/**
 * One record of CSV (RFC 4180), with its end.
 *
 * A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV Injection): also one that
 * begins with white space before the formula, or with a sign of full width.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

const formula = /^(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

function quoted(cell: string): string {
  const harmless = formula.test(cell) ? `'${cell}` : cell;
  return `"${harmless.replaceAll('"', '""')}"`;
}
