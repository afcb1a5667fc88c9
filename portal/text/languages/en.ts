import type { Protocol } from '../../../shared/domain/gateway/protocol.ts';
import type { Device } from '../../devices/device.ts';
import { pluralOf } from '../plural.ts';

const plural = pluralOf('en');
const appPasswords = (count: number) =>
  plural(count, { one: '1 app password', other: `${count} app passwords` });
const times = (count: number) => plural(count, { one: 'once', other: `${count} times` });
const days = (count: number) => plural(count, { one: '1 day', other: `${count} days` });
const people = (count: number) => plural(count, { one: '1 person', other: `${count} people` });

/** Every word of the page in English. The other languages have the same keys. */
export const words = {
  /** How the language is written: `ltr` or `rtl`. */
  direction: 'ltr',
  title: 'App passwords',
  intro: [
    'Mail stopped working on a device? It may need an app password.',
    'Some phones, mail programs and printers cannot do two-step verification. Each of them signs in with an app password of its own.',
    'You make it here and paste it into the device. When you no longer use the device, you delete it here.',
  ],
  signIn: 'Sign in',
  signingIn: 'Signing you in …',
  signOut: 'Sign out',
  signedOut: 'You are signed out here.',
  signedInAs: (username: string) => `Signed in as ${username}`,
  account: 'Account and settings',
  language: 'Language',
  theme: 'Theme',
  themes: { system: 'Same as the device', light: 'Light', dark: 'Dark' },
  support: 'Contact the helpdesk',
  loading: 'One moment …',
  tryAgain: 'Try again',
  close: 'Close',
  done: 'Done',
  cancel: 'Cancel',
  back: 'Back to the list',
  home: 'Back',
  menu: 'Main menu',
  noStorage:
    'This browser keeps no data for this page, so you cannot sign in. Allow cookies and site data, then reload the page.',

  listTitle: 'Your app passwords',
  used: (count: number, limit: number) => `${count} of ${appPasswords(limit)}`,
  empty: 'You have no app passwords yet. Make one for each device that cannot do two-step verification.',
  search: 'Search by name',
  noneFound: 'No matches',
  sort: 'Sort by',
  sorts: { created: 'Newest first', used: 'Last used', name: 'Name' },
  onlyUnused: 'Only unused',
  detailsOf: (name: string) => `Details of ${name}`,
  badges: {
    working: 'Working',
    unused: 'Not used yet',
    paused: 'Paused',
    expired: 'Expired',
    refused: 'Refused',
    unknown: 'Not working',
  },
  created: (date: string) => `Created ${date}`,
  expiresOn: (moment: string) => `Expires: ${moment}`,
  expiresNever: 'Expires: never',
  expiredOn: (moment: string) => `Expired ${moment}. Make a new one for this device.`,
  forNone: 'Stopped: your organization turned off everything that it was made for.',
  onlyFor: (protocols: string) => `Only for ${protocols}`,
  lastUsed: (moment: string, origin: string) => `Last used ${moment} (${origin})`,
  usedAgo: (ago: string, use: string) => (use === '' ? `Used ${ago}` : `Used ${ago}, ${use}`),
  /** What a device does with a protocol. */
  uses: {
    imap: 'mail',
    pop3: 'mail',
    smtp: 'sending mail',
    sieve: 'mail filters',
    eas: 'mail and calendar',
    dav: 'calendar and contacts',
    radius: 'network',
    ldap: 'address book',
  } satisfies Record<Protocol, string>,
  gateway: (name: string) => `gateway ${name}`,
  neverUsed: 'Not used yet',
  neverUsedHelp: 'No device has signed in with it yet. Delete it if you do not have its password.',
  suspendedFor: {
    idle: 'Paused: unused for a long time. Turn it back on if you still use the device.',
    account: 'Paused: your account is disabled. Contact the helpdesk.',
    administrator: 'Paused by an administrator. Contact the helpdesk.',
    restored:
      'Paused: it came back from a backup. Delete it if you no longer need it. If you still do, contact the helpdesk.',
  },
  otherReasonPaused: 'Paused. Contact the helpdesk.',
  revive: 'Turn back on',
  reviveOf: (name: string) => `Turn back on: ${name}`,
  reviveQuestion: (name: string) => `Turn the app password for ${name} back on?`,
  reviveEffect: 'The device can sign in with it again.',
  revived: (name: string) => `The app password for ${name} works again.`,
  stillTried: (name: string, others: number) =>
    others === 0
      ? `“${name}” is still trying to sign in`
      : `“${name}” and ${others} more are still trying to sign in`,
  rename: 'Rename',
  renameOf: (name: string) => `Rename ${name}`,
  delete: 'Delete',
  deleteOf: (name: string) => `Delete ${name}`,
  deleteAll: 'Delete all',
  unusedFirst: 'The ones that look unused come first.',
  limitReached: (limit: number) =>
    `You have ${appPasswords(limit)}. That is the maximum. Delete one first, then create the new one.`,

  create: 'Create',
  createTitle: 'New app password',
  what: 'What is it for?',
  devices: {
    iphone: { tile: 'iPhone or iPad', name: 'iPhone' },
    android: { tile: 'Android', name: 'Android phone' },
    outlook: { tile: 'Outlook', name: 'Outlook' },
    thunderbird: { tile: 'Thunderbird', name: 'Thunderbird' },
    mac: { tile: 'Mac', name: 'Mac' },
    printer: { tile: 'Printer or scanner', name: 'Printer' },
    other: { tile: 'Something else', name: '' },
  } satisfies Record<Device, { tile: string; name: string }>,
  otherPhone: 'Is it for a phone? Scan this with its camera to open this page there.',
  addressCode: 'QR code with this address',
  name: 'Name',
  nameHint: 'One app password is enough for all the apps on the device.',
  invalid: {
    name: 'Name: 1 to 64 visible characters.',
    lifetimeDays: 'It cannot expire then. Choose another time under “More options”.',
    protocols: 'Choose at least one, and only what your organization allows.',
  } as Readonly<Record<string, string>>,
  moreOptions: 'More options',
  lifetime: 'Expires',
  noExpiry: 'Never',
  atMostDays: (count: number) => `In ${days(count)}, the longest possible`,
  inDays: (count: number) => (count === 365 ? 'In 1 year' : `In ${days(count)}`),
  protocolsFor: 'Works for',
  next: 'Next',
  stillMaking: 'It is being created. You will see it in a moment.',
  password: 'Your app password',
  firstPassword: 'Your first app password',
  passwordIntro: (name: string) => `Paste this as the password in the mail settings of ${name}.`,
  copy: 'Copy',
  copied: 'Copied',
  copyOf: (what: string) => `Copy: ${what}`,
  copiedOf: (what: string) => `Copied: ${what}`,
  copyFailed: 'It could not be copied. Select it and copy it yourself.',
  once: 'You see it only this once. You can make another one at any time.',
  neverAsked: 'Never send this to anyone, not even the helpdesk.',
  waiting: (name: string) => `Waiting for ${name} to sign in …`,
  signedInNow: (name: string) => `${name} signed in just now. It works.`,
  notYet: (name: string) =>
    `${name} has not signed in yet. Did you enter the app password there, and not your account password?`,
  closeUncopied: 'You have not copied it, and it will not be shown again. Close anyway?',
  closeAnyway: 'Close anyway',
  keepOpen: 'Go back',
  leftBehind: (name: string) =>
    `“${name}” was created, but its password was not copied. Delete it, unless a device already has it.`,
  keep: 'Keep it',

  stepsTitle: 'On the device',
  /** What to do on each device, a line each. */
  steps: {
    iphone: [
      'Open Settings, Apps, Mail, Mail Accounts. Before iOS 18: Settings, Mail, Accounts.',
      'Tap your account, then Account. Delete what is in Password, and paste the app password.',
      'Is there an Outgoing Mail Server? Tap SMTP and the server, and paste it there too. Then tap Done.',
    ],
    android: [
      'Open your mail app, its settings, and then your account.',
      'Open Incoming settings (Gmail) or Server settings (Samsung). Replace the password there with the app password.',
      'Do the same for outgoing mail, and save.',
    ],
    outlook: [
      'When Outlook asks for your password, paste the app password and let Outlook remember it.',
      'If it does not ask: File, Account Settings, Account Settings. Choose the account, then Repair or Change.',
      'In the new Outlook: Settings, Accounts, Your accounts, and then Manage beside the account.',
    ],
    thunderbird: [
      'When Thunderbird asks for your password, paste the app password and let Thunderbird remember it.',
      'If it does not ask: Settings, Privacy & Security, Saved Passwords.',
      'Remove the passwords of this account there. Then get your messages, and paste the app password.',
    ],
    mac: [
      'Open Mail. In the menu bar choose Mail, Settings, Accounts, and then your account.',
      'Under Server Settings, paste the app password for incoming and for outgoing mail, and save.',
    ],
    printer: [
      'Open the settings of the printer, on its screen or at its address in a browser.',
      'Find the settings for email or SMTP, and turn on SMTP authentication.',
      'Enter the server, port and username below, and the app password as the password. Then send a test.',
    ],
    other: [
      'Find where the device asks for your account password.',
      'Paste the app password there, in place of your account password.',
    ],
  } satisfies Record<Device, readonly string[]>,
  newAccount: 'Is the account not on the device yet?',
  profile: 'Get the settings as a profile',
  profileHelp:
    'Open this page on the device and tap the button. Then open Settings, Profile Downloaded, Install; on a Mac: System Settings, General, Device Management. The device asks for your username and the app password; neither is in the profile.',
  profileOnPhone: 'Is it for a phone? Scan this with its camera to get the settings there.',
  profileUnsigned: 'The device will say that the profile is not signed. That is expected.',
  thunderbirdCode: (index: number, count: number) =>
    count === 1
      ? 'QR code with the settings for Thunderbird on Android'
      : `QR code ${index} of ${count} with the settings for Thunderbird on Android`,
  thunderbirdHelp:
    'On the phone, in Thunderbird: Settings, Import settings, Scan QR code. Your password is not in it: paste the app password when Thunderbird asks.',
  settings: 'For the device',
  username: 'Username',
  server: 'Server',
  port: 'Port',
  security: { tls: 'TLS (SSL)', starttls: 'STARTTLS' },

  activityTitle: 'Activity',
  refusalsTitle: 'Refused sign-ins',
  refusalsHelp:
    'A device still uses these app passwords. Make a new one for it, or remove the account from the device.',
  noRefusals: 'None of your app passwords was refused.',
  states: { active: 'working', suspended: 'paused', expired: 'expired', deleted: 'deleted' },
  otherState: 'not working',
  deletedOn: (date: string) => `deleted ${date}`,
  refused: (name: string, state: string, count: number, since: string) =>
    `“${name}” (${state}): tried at least ${times(count)} since ${since}`,
  lastRefused: (moment: string, origin: string) => `Last ${moment}, ${origin}.`,
  reasons: {
    'former-username': 'It was tried with a former username. Enter the new one on the device.',
    'unknown-app-password': 'This app password is not known.',
    deleted: 'It was deleted.',
    expired: 'It had expired.',
    suspended: 'It was paused.',
    'wrong-protocol': 'It works, but not for this. Make another one, and choose what it works for.',
    'verification-denied': 'The organization allowed no sign-in with app passwords.',
  },
  /** What a newer service may say, and this page does not know. */
  otherReason: 'It was refused for another reason.',
  changesTitle: 'Changes',
  noChanges: 'Nothing has changed yet.',
  quote: (name: string) => `“${name}”`,
  several: (count: number | null) => (count === null ? 'App passwords' : appPasswords(count)),
  /** The subject is the quoted name of an app password, or how many they are. */
  changes: {
    created: (subject: string) => `${subject} created`,
    renamed: (subject: string) => `${subject} renamed`,
    deleted: (subject: string) => `${subject} deleted`,
    'deleted-all': (subject: string) => `All deleted: ${subject}`,
    revived: (subject: string) => `${subject} turned back on`,
    suspended: (subject: string) => `${subject} paused`,
    resumed: (subject: string) => `${subject} turned back on`,
    restored: (subject: string) => `Back from a backup: ${subject}`,
    'account-disabled': (_: string) => 'Account disabled',
    'account-enabled': (_: string) => 'Account enabled',
    'account-deleted': (_: string) => 'Account deleted',
    'username-changed': (_: string) => 'Username changed',
  },
  otherChange: 'Something else changed',
  changed: (moment: string, by: string) => `${moment}, ${by}`,
  by: {
    person: 'by you',
    administrator: 'by an administrator',
    directory: 'automatically',
    operator: 'by IT',
  },
  somebodyElse: 'by someone else',

  adminTitle: 'Administration',

  save: 'Save',
  deleteQuestion: (name: string) => `Delete the app password for ${name}?`,
  deleteEffect: 'The device stops at once.',
  deleteAllQuestion: (count: number) =>
    plural(count, { one: 'Delete your only app password?', other: `Delete all ${count} app passwords?` }),
  deleteAllEffect: 'All of these devices stop at once.',
  /** What is typed before many are deleted. */
  deleteWord: 'delete',
  typeWord: (word: string) => `To go on, type “${word}”.`,
  notTheWord: (word: string) => `Type “${word}” here.`,
  yes: 'Yes',
  deleted: (name: string) => `The app password for ${name} is deleted. The device can no longer sign in.`,
  deletedAll: 'All your app passwords are deleted.',

  offline: 'You are offline. Nothing is lost: try again when you are connected.',
  fault: 'The service could not be reached. Nothing is lost: try again.',
  faultUnknown: 'No answer yet. Try again; nothing happens twice.',
  problems: {
    'too-many-requests': 'Too many requests at once. Wait a moment, then try again.',
    'username-not-accepted': 'This account cannot have app passwords. Contact the helpdesk.',
    'account-disabled': 'This account is disabled, so it gets no app passwords. Contact the helpdesk.',
    'creation-denied':
      'Your organization does not allow new app passwords. The ones you have keep working, and you can delete them.',
    'already-used': 'This app password is already in use, so it is not shown again. Create another one.',
    'not-found': 'This app password no longer exists.',
    forbidden: 'You may not do this here. Contact the helpdesk.',
    'insufficient-scope': 'This page may not manage app passwords. Contact the helpdesk.',
  } as Readonly<Record<string, string>>,
  otherProblem: 'This did not work. Contact the helpdesk.',
  signInFailed: 'The sign-in did not work. Try again. If that does not help, contact the helpdesk.',

  stepUpTitle: 'One more step',
  stepUp: {
    factor: 'To manage app passwords, sign in with your second factor. You’ll continue here afterwards.',
    age: 'You signed in a while ago. To go on, sign in again. You’ll continue here afterwards.',
    authTime: 'To go on, sign in again. You’ll continue here afterwards.',
  },
  continue: 'Continue',
  blockedTitle: 'We couldn’t confirm it’s you',
  blocked: {
    factor:
      'You signed in, but no second factor was asked for. Tell the helpdesk that the sign-in to App passwords must ask for multi-factor authentication.',
    age: 'You signed in, but the sign-in still counts as too old. Sign out everywhere and sign in again. If that does not help, contact the helpdesk.',
    authTime: 'You signed in, but the service was not told when. Contact the helpdesk.',
  },
  notAcceptedTitle: 'This sign-in is not accepted',
  notAccepted:
    'You signed in, but the service does not accept it. Sign in again. If that does not help, contact the helpdesk.',
  helpdeskCode: (code: string) => `Code for the helpdesk: ${code}`,
  signInAgain: 'Sign in again',

  needTitle: 'Do I need one?',
  need: [
    'No, if the app opens the sign-in page of your organization. Outlook and Office since 2013 do, and so do most mail apps on today’s phones.',
    'Yes, if it only has fields for a username and a password. You can tell: since you turned on two-step verification, it refuses your password.',
  ],
  needWhich: 'Where do I make it?',
  needQuestions: {
    personal: 'Do you use two-step verification with a personal Microsoft account?',
    work: 'Do you use it with a work or school account, for Office 365?',
    azure: 'Do you use it with a work or school account, for Azure?',
    unsure: 'Are you not sure?',
  },
  needHere: 'Make it here',
  needElsewhere: 'Make it on another page',
  needAfter: 'And then',
  needNext: {
    factor: 'Manage your second factor',
    authenticator: 'Get notifications instead of texts or calls, with the Authenticator app',
  },

  lostLink: 'I lost a device',
  lostTitle: 'I lost a device, or somebody saw a password',
  lost: [
    'Delete the app password of that device now. It stops working at once. Your other devices keep working.',
    'Not sure which one it was? Delete all, and make new ones for the devices you still have.',
  ],
  lostSignIn: 'Sign in to delete it',
  lostWhich: 'Which device?',
  lostFactorTitle: 'I lost my second factor itself',
  lostFactor: 'You need a new one before you can sign in here. The helpdesk can set it up.',
  lostFactorLink: 'Get a new second factor',

  /** The administrators' part. */
  admin: {
    /** In the place of what a person reads. */
    instead: {
      neverUsedHelp: 'No device has signed in with it yet.',
      suspendedFor: {
        idle: 'Unused for a long time. Only the person can turn it back on.',
        account: 'The account is disabled.',
        administrator: 'An administrator paused it.',
        restored:
          'It came back from a backup. An administrator can turn it back on, if the person still wants it.',
      },
      by: {
        person: 'by the person',
        administrator: 'by an administrator',
        directory: 'automatically',
        operator: 'by IT',
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
        'not-found': 'This no longer exists.',
        'username-not-accepted': 'This username cannot be used here.',
        forbidden:
          'This needs the app role AppPasswords.Admin; to look, AppPasswords.Helpdesk is enough. Or the directory decides it.',
        'insufficient-scope': 'This page may not manage app passwords: the sign-in gives it no such scope.',
      } as Readonly<Record<string, string>>,
      otherProblem: 'This did not work.',
    },

    peopleTitle: 'People',
    policyTitle: 'Policy',
    reportTitle: 'Report',
    onlyLooking: 'You can look at everything here, but change nothing.',

    directoryTitle: 'Directory',
    noDirectory: 'No directory is configured. Accounts are disabled and usernames are set by hand.',
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
    refused: (count: number, since: string) => `Refused at least ${times(count)} since ${since}`,
    unknown: 'A password that this person never had',
    older: (count: number) => plural(count, { one: '1 older one', other: `${count} older ones` }),
    proof: (evidence: string) => `Made after a sign-in with ${evidence}.`,
    authenticated: (moment: string) => `Signed in ${moment}.`,
    suspend: 'Pause',
    suspendOf: (name: string) => `Pause ${name}`,
    resume: 'Turn back on',
    resumeOf: (name: string) => `Turn back on: ${name}`,

    /** What is asked before a change: about an app password, or else a person, and how many app passwords they have. */
    asks: {
      suspend: (name: string, _: number) => ({
        question: `Pause the app password for ${name}?`,
        effect: 'The device will stop signing in, until you turn it back on.',
        submit: 'Pause it',
        done: `The app password for ${name} is paused.`,
      }),
      resume: (name: string, _: number) => ({
        question: `Turn the app password for ${name} back on?`,
        effect: 'The device can sign in with it again, unless it is paused for another reason.',
        submit: 'Turn it back on',
        done: `The app password for ${name} is turned back on.`,
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
          'All of their app passwords and everything known about them here are gone for good. Type the username to confirm.',
        submit: 'Erase the person',
        done: `${name} is erased.`,
      }),
    },

    policy: {
      creation: 'Who may create app passwords',
      verification: 'Sign-in with app passwords',
      maximumLifetimeDays: 'Maximum validity (days)',
      idleDays: 'Pause after this many days without use',
      limit: 'App passwords per person',
      protocols: 'Protocols',
    },
    policyHints: {
      creation: 'Existing app passwords keep working.',
      verification: 'When it is denied, no device can sign in with an app password.',
      maximumLifetimeDays: 'Leave empty for no maximum. It also applies to older app passwords.',
      idleDays: 'Leave empty for never. The person can turn them back on.',
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
    saved: 'Saved. It applies everywhere within a minute.',
    overtaken: 'Someone else changed the policy; this is the new version. Your changes were not saved.',

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
      active: 'Working',
      suspended: 'Paused',
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
  },
};

export type Text = typeof words;
