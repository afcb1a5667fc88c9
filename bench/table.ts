/** One line of the table: what was measured, what it must reach, and whether it does. */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly must: string;
  readonly met: boolean;
}

/** What a run of the bench measured, held to what it must reach. */
export class Table {
  readonly #rows: Row[] = [];

  get isMet(): boolean {
    return this.#rows.every(({ met }) => met);
  }

  atMost(what: string, value: number, limit: number, unit = ''): void {
    this.#add(what, value.toFixed(2) + unit, `at most ${limit}${unit}`, value <= limit);
  }

  atLeast(what: string, value: number, limit: number): void {
    this.#add(what, value.toFixed(2), `at least ${limit}`, value >= limit);
  }

  equal(what: string, values: readonly number[]): void {
    this.#add(what, values.join(', '), 'equal', new Set(values).size === 1);
  }

  /** As Markdown, in which the columns also stand below each other. */
  toString(): string {
    const lines = [
      ['what', 'measured', 'must be', ''],
      ...this.#rows.map(({ what, measured, must, met }) => [what, measured, must, met ? 'met' : 'NOT MET']),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    const [head, ...rows] = lines.map((line) =>
      line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | '),
    );
    const rule = widths.map((width) => '-'.repeat(width)).join(' | ');
    return [head, rule, ...rows].map((line) => `| ${line} |`).join('\n');
  }

  #add(what: string, measured: string, must: string, met: boolean): void {
    this.#rows.push({ what, measured, must, met });
    console.error(`${what}: ${measured}, ${must}${met ? '' : ', NOT MET'}`);
  }
}
