import { type Answer, persist, person } from './api.ts';

/** An app password that somebody made or deleted, and when, in milliseconds since the epoch. */
export interface Doing {
  readonly oid: string;
  readonly id: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** What people did, as the answers tell. */
export interface Doings {
  readonly created: (Doing & { readonly secret: string })[];
  readonly deleted: Doing[];
}

/** How many a person makes beyond those that it deletes; with what there is, they stay below the limit. */
const ahead = 5;

/** How many a person deletes at most: a store that remembers 100 deleted ones takes nothing for accepted. */
const deletions = 80;

/**
 * Somebody makes app passwords and deletes some of those in the list, one after the other, and notes it.
 *
 * @param below a random integer from 0 to what is given - 1
 */
export async function comeAndGo(
  origin: string,
  { oid, token }: { readonly oid: string; readonly token: string },
  {
    doings: { created, deleted },
    below,
    isOver,
  }: {
    readonly doings: Doings;
    readonly below: (limit: number) => number;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  const me = person(origin, token);
  let [balance, gone] = [0, 0];
  const timed = async (request: () => Promise<Answer>) => {
    const sentAt = Date.now();
    const { body } = await persist(request);
    return { body, oid, sentAt, answeredAt: Date.now() };
  };
  while (!isOver() && gone < deletions) {
    const { appPasswords } = (await persist(me.list)).body;
    if (balance < ahead && (appPasswords.length === 0 || below(2) === 0)) {
      const again = { 'idempotency-key': crypto.randomUUID() };
      const { body, ...doing } = await timed(() => me.create('New', again));
      created.push({ ...doing, id: body.id, secret: body.password });
      balance++;
    } else if (appPasswords.length > 0) {
      const { id } = appPasswords[below(appPasswords.length)];
      const { body: _, ...doing } = await timed(() => me.remove(id));
      deleted.push({ ...doing, id });
      balance--;
      gone++;
    }
  }
}
