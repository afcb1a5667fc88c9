import { readFileSync } from 'node:fs';

/** What a size of a deployment has all the time, used or not. */
export interface Size {
  /** That of its parameter file. */
  readonly name: string;
  readonly zoneRedundant: boolean;
  /** For HTTP. */
  readonly alwaysReadyInstances: number;
  /** In MiB. */
  readonly instanceMemory: number;
  readonly privateNetworking: boolean;
}

/** All of them, the cheapest first. */
export const sizeNames = ['small', 'production', 'private'] as const;

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** The size that azure.yaml names. */
export function chosenSize(): Size {
  const [, name = ''] = /^ {2}module: (\w+)$/m.exec(read('azure.yaml')) ?? [];
  return sizeOf(name);
}

/** A size, by the parameter file in infra/environments. */
export function sizeOf(name: string): Size {
  const text = read(`infra/environments/${name}.bicepparam`);
  const said = (parameter: string) => new RegExp(`^param ${parameter} = (\\w+)$`, 'm').exec(text)?.[1];
  return {
    name,
    zoneRedundant: said('zoneRedundant') === 'true',
    alwaysReadyInstances: Number(said('alwaysReadyInstances')),
    instanceMemory: Number(said('instanceMemory')),
    privateNetworking: said('privateNetworking') === 'true',
  };
}
