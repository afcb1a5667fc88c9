import { readFileSync } from 'node:fs';

/**
 * The notes of a release: the section of the changelog that belongs to a version.
 *
 * @param changelog as Keep a Changelog has it
 * @param tag of the release, where it has one already
 * @throws Error that says what to mend.
 */
export function releaseNotes(changelog: string, version: string, tag?: string): string {
  if (tag !== undefined && tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, and package.json has ${version}: they must be the same version.`);
  const [heading = '', ...lines] =
    changelog
      .split(/^## /m)
      .find((section) => section.startsWith(`[${version}]`))
      ?.trimEnd()
      .split('\n') ?? [];
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading))
    throw new Error(
      `CHANGELOG.md has no "## [${version}] - YYYY-MM-DD": give [Unreleased] this version and the day.`,
    );
  const notes = lines.join('\n').trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`);
  return notes;
}

if (import.meta.main) {
  const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  try {
    console.log(
      releaseNotes(read('CHANGELOG.md'), JSON.parse(read('package.json')).version, process.argv[2]),
    );
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
