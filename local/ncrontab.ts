import { Cron } from 'croner';

/**
 * Reads a timer's schedule: NCRONTAB with six fields, in UTC. A day has to match both the day of the month and the day
 * of the week.
 *
 * @param run is called at each time of the schedule, unless its last call still goes on; without it, nothing is
 * @throws Error for anything else.
 */
export function ncrontab(schedule: string, run?: (self: Cron) => Promise<void>): Cron {
  const options = { mode: '6-part', domAndDow: true, timezone: 'UTC', protect: true } as const;
  return run === undefined
    ? new Cron(schedule, { ...options, paused: true })
    : new Cron(schedule, options, run);
}
