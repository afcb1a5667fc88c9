/** One audit record as a line of the standard output has it. */
export interface RecordLine {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: records have fields of every shape.
  readonly [field: string]: any;
}

/** The audit records in what a host printed. */
export function recordsIn(output: string): RecordLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"time"'))
    .map((line) => JSON.parse(line));
}
