import type { TableClient } from '@azure/data-tables';
import { lineAudit } from '../shared/audit/lines.ts';
import { day } from '../shared/domain/app-password/effective-state.ts';
import { liveOnes } from '../shared/domain/app-password/list.ts';
import { isNoHolder, oidOf } from '../shared/domain/person/person.ts';
import type { Policy } from '../shared/domain/policy/policy.ts';
import type { Passwords } from '../shared/domain/ports.ts';
import { releaseToNobody } from '../shared/domain/username/release-username.ts';
import { keyOf, type Username, usernameOfToken } from '../shared/domain/username/username.ts';
import type { UsernameClaim } from '../shared/domain/username/username-claim.ts';
import { logFault, systemRandom } from '../shared/runtime/system.ts';
import { passwordsIn } from '../shared/tables/passwords.ts';
import { policiesIn } from '../shared/tables/policy.ts';
import { readClaim } from '../shared/tables/rows.ts';
import { usernamesIn } from '../shared/tables/usernames.ts';
import { inBatches } from './backup/batches.ts';
import { asRead, rowsOfTable } from './backup/rows.ts';
import { type Declare, type Invocation, numberFrom } from './command.ts';
import { Refused } from './refused.ts';
import { openStores } from './stores.ts';

/** How long, in milliseconds, one person may take. */
const patience = 30_000;

/** How many people are read at once. */
const atOnce = 8;

export const usernames: Declare = (command, invocation) => {
  command.description('Finds usernames that may have changed hands, and takes them from who had them.');
  command
    .command('list')
    .description(
      'Shows the usernames whose holders did not sign in here for so long, and how many app passwords lie under each; a sign-in is noted at most once in 7 days.',
    )
    .requiredOption('--not-signed-in-for <DAYS>', 'for how many days', numberFrom(1, 99_999))
    .action(({ notSignedInFor }: { notSignedInFor: number }) => list(invocation, notSignedInFor));
  command
    .command('release <USERNAME>')
    .description("Makes a username nobody's, until somebody signs in here under it.")
    .action((username: string) => release(invocation, username));
};

async function list({ env, clock, print }: Invocation, days: number): Promise<void> {
  const { passwords: table, usernames } = openStores(env).tables;
  const policy = await policiesIn(table, clock, logFault).stored(AbortSignal.timeout(patience));
  const passwords = passwordsIn(table);
  let found = 0;
  for await (const claims of inBatches(claimsUntil(usernames, clock.now() - days * day), atOnce)) {
    const lines = await Promise.all(
      claims.map((claim) => lineOf(claim, passwords, { policy, now: clock.now() })),
    );
    for (const line of lines) print(line);
    found += lines.length;
  }
  if (found === 0) print(`There is no username whose holder did not sign in here for ${days} days.`);
}

/** The usernames whose newest proof is at most of a time, in milliseconds since the epoch. */
async function* claimsUntil(table: TableClient, latest: number): AsyncGenerator<UsernameClaim> {
  for await (const row of rowsOfTable(table)) {
    const claim = readClaim(asRead(row));
    const { person, username, aliasOf, issuedAt } = claim;
    // A row that does not hold what its key says opens nothing.
    const isTrue = usernameIn(username) === username && keyOf(username) === row.rowKey;
    if (isTrue && aliasOf === null && !isNoHolder(person) && issuedAt <= latest) yield claim;
  }
}

async function lineOf(
  { person, username, issuedAt }: UsernameClaim,
  passwords: Passwords,
  { policy, now }: { readonly policy: Policy; readonly now: number },
): Promise<string> {
  const holder = await passwords.person(person, AbortSignal.timeout(patience));
  const live = liveOnes(holder, policy, now);
  const active = live.filter(({ state }) => state === 'active').length;
  const lastUsed = Math.max(...live.map(({ lastUsed }) => lastUsed?.at ?? 0), 0);
  return [
    username,
    `holder ${printable(oidOf(person))}`,
    `last sign-in ${toTime(issuedAt)}`,
    `${live.length} app passwords, ${active} active`,
    `last used ${lastUsed === 0 ? 'never' : toTime(lastUsed)}`,
  ].join('  ');
}

async function release({ env, clock, print }: Invocation, typed: string): Promise<void> {
  const username = usernameIn(typed);
  if (username === undefined)
    throw new Refused('USERNAME can be no username: give it whole, as "list" shows it.');
  const { tables } = openStores(env);
  const ports = {
    passwords: passwordsIn(tables.passwords),
    usernames: usernamesIn(tables.usernames, clock),
    clock,
    random: systemRandom,
    audit: lineAudit(print),
    queue: <T>(_: unknown, task: () => Promise<T>) => task(),
  };
  const released = await releaseToNobody(
    ports,
    { actor: { kind: 'operator' }, username },
    AbortSignal.timeout(patience),
  );
  switch (released.kind) {
    case 'not-found':
      throw new Refused(`Nobody holds ${username}. Give the username whole, as "list" shows it.`);
    case 'alias':
      throw new Refused(
        `${username} is the mail address of whoever holds ${printable(released.aliasOf)}, and is released with that.`,
      );
    case 'already-released':
      print(`${username} is nobody's since ${toTime(released.at)}.`);
      return;
    case 'released': {
      const oid = printable(oidOf(released.person));
      print(`${username} was the username of ${oid}, and is nobody's now: within 10 seconds no app password works under it.
Whoever signs in here under it from now on holds it. The app passwords of ${oid} stay theirs, and work again after
their next sign-in here, under the username that they then have.`);
    }
  }
}

/** As a username is stored, for whatever tenant. */
function usernameIn(text: string): Username | undefined {
  return usernameOfToken(text, { domains: [], aliases: new Map(), defaultDomain: undefined });
}

/** What anybody may have written, fit for a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?');
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
