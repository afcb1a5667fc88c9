import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from '../../local/stack-file.ts';

/** What shows that a requirement is met: a file, and a name or words of it. */
interface Evidence {
  readonly file: string;
  readonly words: readonly string[];
}

const [, asvs = ''] = readFileSync(`${root}SECURITY.md`, 'utf8').split('\n## OWASP ASVS 5\n');
const rows = asvs.split('\n').filter((line) => /^\| \d/.test(line));

function cellsOf(row: string): readonly string[] {
  return row
    .slice(2, -2)
    .split(' | ')
    .map((cell) => cell.trim());
}

function evidenceIn(cell: string): readonly Evidence[] {
  return [...cell.matchAll(/\[[^\]]*\]\(([^)#]+)[^)]*\)(?:: ([^[]*))?/g)].map(
    ([, file = '', words = '']) => ({
      file,
      words: words
        .replace(/[;,. ]*(and )?$/, '')
        .split(/, (?=[A-Z])|; /)
        .filter(Boolean),
    }),
  );
}

const plain = (text: string) => text.replaceAll(/[`\\]/g, '').replaceAll(/\s+/g, ' ').toLowerCase();

describe('The table of OWASP ASVS 5', () => {
  test('has a requirement once', () => {
    const numbers = rows.flatMap((row) => cellsOf(row)[0]?.match(/\d+\.\d+\.\d+/g) ?? []);
    expect(numbers.length).toBeGreaterThan(150);
    expect(numbers).toEqual([...new Set(numbers)]);
  });

  test.each(rows.map((row) => [cellsOf(row)[0], row]))('shows what is there: %s', (_number, row) => {
    const [, , how = '', shown = ''] = cellsOf(row);
    const evidence = evidenceIn(shown);
    if (/^(Met|In part)/.test(how)) expect(evidence.length).toBeGreaterThan(0);
    for (const { file, words } of evidence) {
      expect(existsSync(root + file), file).toBe(true);
      const content = plain(readFileSync(root + file, 'utf8'));
      for (const some of words) expect(content, `${file}: ${some}`).toContain(plain(some));
    }
  });
});
