import { pluralOf } from './plural.ts';

const plural = pluralOf('en');
const people = (count: number) => plural(count, { one: '1 person', other: `${count} people` });

/** Every word of the administrators' part in English. The other languages have the same keys. */
export const adminEn = {
  /** In the place of what a person reads. */
  instead: {
    suspendedFor: {
      idle: 'It was not used for a long time. Only the person can revive it.',
      account: 'The account is disabled.',
      administrator: 'An administrator suspended it.',
      restored: 'It came back from a backup. An administrator can resume it, if the person still wants it.',
    },
    by: {
      person: 'the person',
      administrator: 'an administrator',
      directory: 'the directory',
      operator: 'an operator',
    },
    invalid: {
      username: 'This cannot be a username.',
      maximumLifetimeDays: 'Use a whole number from 1 to 3650, or leave it empty.',
      idleDays: 'Use a whole number from 1 to 3650, or leave it empty.',
      protocols: 'Choose at least one protocol.',
      limit: 'Use a whole number from 1 to 40.',
    } as Readonly<Record<string, string>>,
    problems: {
      'account-disabled': 'The account is disabled. Enable it first.',
      'not-found': 'This is not there any more.',
      'username-not-accepted': 'This username cannot be used here.',
      forbidden:
        'This needs the app role AppPasswords.Admin (to look, AppPasswords.Helpdesk is enough), or the directory decides it.',
      'insufficient-scope': 'This page may not manage app passwords: the sign-in gives it no such scope.',
    } as Readonly<Record<string, string>>,
    otherProblem: 'This did not work.',
  },

  peopleTitle: 'People',
  policyTitle: 'Policy',
  reportTitle: 'Report',
  onlyLooking: 'You can look at everything here, and change nothing.',

  directoryTitle: 'Directory',
  noDirectory: 'No directory is configured, so accounts are disabled and usernames set by hand.',
  directoryNever: 'The directory has not answered yet.',
  directoryAt: (moment: string) => `The directory last answered ${moment}.`,
  directoryChecking: 'Everybody is being checked.',
  find: 'Find',
  nobody: 'Nobody here has this username.',

  enabled: 'Account enabled',
  disabled: 'Account disabled: no app password works',
  registered: (date: string) => `Registered ${date}`,
  notRegistered: 'Not registered yet',
  disable: 'Disable the account',
  enable: 'Enable the account',
  setUsername: 'Set the username',
  newUsername: 'New username',
  erase: 'Erase the person',
  notTheUsername: 'This is not the username of this person.',
  none: 'None.',
  deleted: (moment: string) => `Deleted ${moment}`,
  deletedTitle: 'Deleted app passwords',
  noRefusals: 'No sign-in was refused.',
  refused: (count: number, since: string) =>
    `Refused at least ${plural(count, { one: 'once', other: `${count} times` })} since ${since}`,
  unknown: 'A password that this person never had',
  older: (count: number) => plural(count, { one: '1 older one', other: `${count} older ones` }),
  proof: (evidence: string) => `Made with ${evidence}.`,
  authenticated: (moment: string) => `Signed in ${moment}.`,
  suspend: 'Suspend',
  suspendOf: (name: string) => `Suspend ${name}`,
  resume: 'Resume',
  resumeOf: (name: string) => `Resume ${name}`,

  /** What is asked before a change: about an app password, or else a person, and how many app passwords they have. */
  asks: {
    suspend: (name: string, _: number) => ({
      question: `Suspend the app password for ${name}?`,
      effect: 'The device will stop signing in, until you resume it.',
      submit: 'Suspend it',
      done: `The app password for ${name} is suspended.`,
    }),
    resume: (name: string, _: number) => ({
      question: `Resume the app password for ${name}?`,
      effect:
        'The device can sign in with it again, unless there is another reason that it is suspended for.',
      submit: 'Resume it',
      done: `The app password for ${name} is resumed.`,
    }),
    delete: (name: string, _: number) => ({
      question: `Delete the app password for ${name}?`,
      effect: 'The device will stop signing in. This cannot be undone.',
      submit: 'Delete it',
      done: `The app password for ${name} is deleted. The device can no longer sign in.`,
    }),
    'delete-all': (name: string, count: number) => ({
      question: `Delete all app passwords of ${name}?`,
      effect: plural(count, {
        one: 'There is 1. The device will stop signing in. This cannot be undone.',
        other: `There are ${count}. All of these devices will stop signing in. This cannot be undone.`,
      }),
      submit: 'Delete all',
      done: `All app passwords of ${name} are deleted.`,
    }),
    disable: (name: string, _: number) => ({
      question: `Disable the account of ${name}?`,
      effect: 'All of their devices will stop signing in, and they get no new app passwords.',
      submit: 'Disable the account',
      done: `The account of ${name} is disabled.`,
    }),
    enable: (name: string, _: number) => ({
      question: `Enable the account of ${name}?`,
      effect: 'Their devices can sign in again.',
      submit: 'Enable the account',
      done: `The account of ${name} is enabled.`,
    }),
    username: (name: string, _: number) => ({
      question: `Set the username of ${name}?`,
      effect: 'Devices that sign in with the old username will stop signing in.',
      submit: 'Set the username',
      done: 'The username is set.',
    }),
    erase: (name: string, _: number) => ({
      question: `Erase ${name}?`,
      effect:
        'All of their app passwords and everything that is known about them here goes away, and cannot be brought back. Type the username to confirm it.',
      submit: 'Erase the person',
      done: `${name} is erased.`,
    }),
  },

  policy: {
    creation: 'Who may create app passwords',
    verification: 'Sign-in with app passwords',
    maximumLifetimeDays: 'Longest life, in days',
    idleDays: 'Suspend after so many days without use',
    limit: 'App passwords a person',
    protocols: 'Protocols',
  },
  policyHints: {
    creation: 'Existing app passwords go on working.',
    verification: 'When it is denied, no device can sign in with an app password.',
    maximumLifetimeDays: 'Empty for no maximum. It also ends older app passwords.',
    idleDays: 'Empty for never. The person can revive them.',
  },
  choices: {
    creation: {
      everybody: 'Everybody',
      'app-role': 'People with the app role AppPasswords.User',
      nobody: 'Nobody',
    },
    verification: { allowed: 'Allowed', denied: 'Denied' },
  },
  /** In the place of a number or names that the policy has not. */
  unrestricted: { maximumLifetimeDays: 'No maximum', idleDays: 'Never', protocols: 'All' },
  saveAndStop: 'Save, and stop all devices',
  saved: 'Saved. It holds everywhere within a minute.',
  overtaken: 'Somebody else changed it in between; here is what it is now.',

  reportHelp: 'The numbers of all people. With many people it takes a while.',
  start: 'Make the report',
  stop: 'Stop',
  goOn: 'Go on',
  soFar: (count: number) => `${people(count)} so far`,
  wholeReport: (count: number) => `Complete: ${people(count)}`,
  counts: {
    people: 'People',
    disabledPeople: 'People whose account is disabled',
    peopleWithAppPasswords: 'People with app passwords',
    appPasswords: 'App passwords',
    active: 'Active',
    suspended: 'Suspended',
    expired: 'Expired',
    neverUsed: 'Never used',
    unused30Days: 'Used, but not for 30 days',
    unused90Days: 'Used, but not for 90 days',
    unused365Days: 'Used, but not for 365 days',
    expiringIn30Days: 'Ending within 30 days',
    createdWithin30Days: 'Created in the last 30 days',
    createdWithin90Days: 'Created 30 to 90 days ago',
    createdWithin365Days: 'Created 90 to 365 days ago',
    olderThan365Days: 'Created more than 365 days ago',
    restricted: 'Only for some protocols',
    refused: 'App passwords that were refused, also deleted ones',
    refusals: 'Refused sign-ins with them',
  },
  lastFor: (protocol: string) => `Last used for ${protocol}`,
  lastUnknown: 'Last used for an unknown protocol',
};

export type AdminText = typeof adminEn;
