import { environments, findBicep, howToGetBicep, snapshot } from '../testing/bicep.ts';

// "npm run infra:snapshot" writes infra/snapshots/*.json anew.
const bicep = findBicep();
if (bicep === undefined) {
  console.error(`It ${howToGetBicep}.`);
  process.exit(1);
}
for (const name of Object.keys(environments)) {
  const wrong = await snapshot(bicep, name, 'overwrite');
  if (wrong !== '') {
    console.error(wrong);
    process.exit(1);
  }
}
