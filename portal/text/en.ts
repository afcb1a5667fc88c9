import { pluralOf } from './plural.ts';

const plural = pluralOf('en');
const appPasswords = (count: number) =>
  plural(count, { one: '1 app password', other: `${count} app passwords` });
const times = (count: number) => plural(count, { one: 'once', other: `${count} times` });

/** Every word of the page in English. The other languages have the same keys. */
export const en = {
  title: 'App passwords',
  intro:
    'Some mail apps, calendars and scanners cannot do two-step verification. Each of them signs in with an app password of its own.',
  signIn: 'Sign in',
  signOut: 'Sign out',
  signedInAs: (name: string) => `Signed in as ${name}`,
  otherLanguage: 'Nederlands',
  loading: 'One moment …',
  tryAgain: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back to the list',
  home: 'Back',
  menu: 'More',

  used: (count: number, limit: number) => `${count} of ${appPasswords(limit)}`,
  empty: 'You have no app passwords yet. Make one for each device that cannot do two-step verification.',
  search: 'Search by name',
  noneFound: 'No app password has this in its name.',
  created: (date: string) => `Created ${date}`,
  worksUntil: (moment: string) => `Works until ${moment}`,
  expiredOn: (moment: string) => `Expired on ${moment}`,
  forNone: 'Your organization no longer allows what it was made for, so it does not work',
  onlyFor: (protocols: string) => `Only for ${protocols}`,
  lastUsed: (moment: string, origin: string) => `Last used ${moment} (${origin})`,
  gateway: (name: string) => `gateway ${name}`,
  neverUsed: 'Not used yet',
  suspended: 'Suspended: it does not work at the moment',
  suspendedFor: {
    idle: 'It was not used for a long time.',
    account: 'Your account is disabled. Ask your administrator.',
    administrator: 'Your administrator suspended it. Ask them.',
    restored:
      'It came back from a backup. Delete it if you no longer need it, or else ask your administrator.',
  },
  revive: 'Revive',
  reviveOf: (name: string) => `Revive ${name}`,
  reviveQuestion: (name: string) => `Revive the app password for ${name}?`,
  reviveEffect: 'The device can sign in with it again.',
  revived: (name: string) => `The app password for ${name} works again.`,
  stillUsed: (name: string, others: number) =>
    others === 0
      ? `A device still uses “${name}”, and was refused`
      : `Devices still use “${name}” and ${others} more, and were refused`,
  rename: 'Rename',
  renameOf: (name: string) => `Rename ${name}`,
  delete: 'Delete',
  deleteOf: (name: string) => `Delete ${name}`,
  deleteAll: 'Delete all',
  unusedFirst: 'The ones that look unused come first.',
  limitReached: (limit: number) =>
    `You have ${appPasswords(limit)}, and more are not possible. Delete one that you no longer need, then create the new one.`,

  create: 'Create',
  createTitle: 'New app password',
  name: 'Name',
  nameHint: 'Name the device, such as “iPhone”. One app password serves all the apps on it.',
  invalid: {
    name: 'Use 1 to 64 characters, and none that cannot be seen.',
    expiresAt: 'It cannot end then. Choose another time under “More options”.',
    protocols: 'Choose at least one, and only what your organization allows.',
  } as Readonly<Record<string, string>>,
  suggestions: ['iPhone', 'Android phone', 'Laptop', 'Scanner'],
  moreOptions: 'More options',
  lifetime: 'Works until',
  noExpiry: 'You delete it',
  atMostUntil: (date: string) => `At most until ${date}`,
  lifetimes: [
    { days: 30, words: '30 days from now' },
    { days: 90, words: '90 days from now' },
    { days: 365, words: '1 year from now' },
  ],
  protocolsFor: 'Works for',
  next: 'Next',
  password: 'Your app password',
  firstPassword: 'Your first app password',
  passwordIntro: (name: string) =>
    `Type this where ${name} asks for your password, with the hyphens or without:`,
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'It could not be copied. Select it and copy it yourself.',
  once: 'It is shown only this once. You can make another one at any time.',
  settings: 'For the device',
  username: 'Username',
  neverAsked: 'Nobody ever asks you for an app password: not support, and not your administrator.',
  closeUncopied: 'You have not copied it, and it will not be shown again. Close anyway?',
  closeAnyway: 'Close anyway',
  keepOpen: 'Go back',

  activityTitle: 'Activity',
  refusalsTitle: 'Refused sign-ins',
  refusalsHelp:
    'A device still has these app passwords. Give it one that works, or remove the account from the device.',
  noRefusals: 'None of your app passwords was refused.',
  states: { active: 'active', suspended: 'suspended', expired: 'expired', deleted: 'deleted' },
  deletedOn: (date: string) => `deleted ${date}`,
  refused: (name: string, state: string, count: number, since: string) =>
    `“${name}”, ${state}, tried at least ${times(count)} since ${since}`,
  lastRefused: (moment: string, origin: string) => `Last ${moment}, ${origin}.`,
  reasons: {
    'former-username': 'It was tried with a former username. Type the new one into the device.',
    'unknown-app-password': 'This app password is not known.',
    deleted: 'It is deleted.',
    expired: 'It had expired.',
    suspended: 'It was suspended.',
    'wrong-protocol': 'It is not for this protocol.',
    'verification-denied': 'The organization allowed no sign-in with app passwords.',
  },
  /** What a newer service may say, and this page does not know. */
  otherReason: 'It was refused for another reason.',
  changesTitle: 'Changes',
  noChanges: 'Nothing was changed yet.',
  quote: (name: string) => `“${name}”`,
  several: (count: number | null) => (count === null ? 'App passwords' : appPasswords(count)),
  /** The subject is the quoted name of an app password, or how many they are. */
  changes: {
    created: (subject: string) => `${subject} created`,
    renamed: (subject: string) => `${subject} renamed`,
    deleted: (subject: string) => `${subject} deleted`,
    'deleted-all': (subject: string) => `All deleted: ${subject}`,
    revived: (subject: string) => `${subject} revived`,
    suspended: (subject: string) => `${subject} suspended`,
    resumed: (subject: string) => `${subject} resumed`,
    restored: (subject: string) => `Back from a backup: ${subject}`,
    'account-disabled': (_: string) => 'Account disabled',
    'account-enabled': (_: string) => 'Account enabled',
    'account-deleted': (_: string) => 'Account deleted',
    'username-changed': (_: string) => 'Username changed',
  },
  otherChange: 'Something else changed',
  changed: (moment: string, by: string) => `${moment}, by ${by}`,
  by: {
    person: 'you',
    administrator: 'an administrator',
    directory: 'the directory',
    operator: 'an operator',
  },
  somebodyElse: 'somebody else',

  adminTitle: 'Administration',

  save: 'Save',
  deleteQuestion: (name: string) => `Delete the app password for ${name}?`,
  deleteEffect: 'The device will stop signing in.',
  deleteAllQuestion: (count: number) => `Delete all ${appPasswords(count)}?`,
  deleteAllEffect: 'All of these devices will stop signing in.',
  yes: 'Yes',
  deleted: (name: string) => `The app password for ${name} is deleted. The device can no longer sign in.`,
  deletedAll: 'All your app passwords are deleted.',

  offline: 'You are offline. Nothing is lost: try again when you are connected.',
  fault: 'The service could not be reached. Nothing is lost: try again.',
  faultUnknown: 'There was no answer, so it may or may not be done. Try again: it will not be done twice.',
  problems: {
    'too-many-requests': 'Too many requests at once. Wait a moment, then try again.',
    'username-not-accepted': 'This account cannot have app passwords. Ask your administrator.',
    'account-disabled': 'This account is disabled, so it gets no app passwords. Ask your administrator.',
    'creation-denied':
      'Your organization does not allow new app passwords. The ones that you have go on working, and you can delete them.',
    'already-used': 'This app password is in use already, so it is not made again. Create another one.',
    'not-found': 'This app password is not there any more.',
    forbidden: 'You may not do this here. Ask your administrator.',
    'insufficient-scope': 'This page may not manage app passwords. Ask your administrator.',
  } as Readonly<Record<string, string>>,
  otherProblem: 'This did not work. Ask your administrator.',
  signInFailed: 'The sign-in did not work. Try it again; if that does not help, ask your administrator.',

  stepUpTitle: 'One more step',
  stepUp: {
    factor: 'To manage app passwords, sign in with your second factor. You come back to where you are now.',
    age: 'You signed in a while ago. To go on, sign in again. You come back to where you are now.',
    authTime: 'To go on, sign in again. You come back to where you are now.',
  },
  continue: 'Continue',
  blockedTitle: 'This sign-in is not enough',
  blocked: {
    factor:
      'You signed in, but no second factor was asked for. Your organization has to ask for it: tell your administrator that the sign-in to App passwords needs multi-factor authentication.',
    age: 'You signed in, but the sign-in still counts as too old. Sign out everywhere and sign in again; if that does not help, ask the helpdesk.',
    authTime:
      'You signed in, but the service is not told when, so it cannot tell that it was just now. Ask the helpdesk.',
  },
  notAcceptedTitle: 'This sign-in is not accepted',
  notAccepted:
    'You signed in, but the service does not accept it. Sign in again; if that does not help, ask the helpdesk.',
  helpdeskCode: (code: string) => `Code for the helpdesk: ${code}`,
  signInAgain: 'Sign in again',

  needTitle: 'Do I need one?',
  need: [
    'An app that opens your organization’s own sign-in page needs no app password: Office and Outlook since 2013, and most mail apps on phones of today.',
    'You need one for an app or device that only has fields for a username and a password, and says that yours is wrong since you have two-step verification.',
  ],
  needWhich: 'Which account is it?',
  needChoices: [
    {
      question: 'A personal account (outlook.com, hotmail.com)',
      answer: 'Make it on Microsoft’s page',
      link: 'personal',
    },
    {
      question: 'A work or school account for Office 365',
      answer: 'Make it on its security page',
      link: 'work',
    },
    { question: 'An account of Azure, or I am not sure', answer: 'Make it here', link: 'here' },
  ],
  needAfter: 'And then',
  needNext: [
    { answer: 'Manage your second factor', link: 'factor' },
    {
      answer: 'Get notifications in place of texts or calls, with the Authenticator app',
      link: 'authenticator',
    },
  ],

  lostTitle: 'I lost a device, or somebody saw a password',
  lost: [
    'Delete the app password of that device now. It stops working at once, and your other devices go on.',
    'If you do not know which one it was, delete all, and make new ones for the devices that you still have.',
    'If what you lost is your second factor itself, tell your administrator: only they can set up a new one.',
  ],
};

export type Text = typeof en;
