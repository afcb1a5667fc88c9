import { pluralOf } from '../plural.ts';
import type { Text } from './en.ts';

const plural = pluralOf('de');
const appPasswords = (count: number) =>
  plural(count, { one: '1 App-Passwort', other: `${count} App-Passwörter` });
const times = (count: number) => plural(count, { one: 'einmal', other: `${count}-mal` });
const inDays = (count: number) => plural(count, { one: 'In 1 Tag', other: `In ${count} Tagen` });
const people = (count: number) => plural(count, { one: '1 Person', other: `${count} Personen` });

/** Every word of the page in German. */
export const words: Text = {
  direction: 'ltr',
  title: 'App-Passwörter',
  intro: [
    'Funktioniert E-Mail auf einem Gerät nicht mehr? Vielleicht brauchen Sie ein App-Passwort.',
    'Manche Telefone, E-Mail-Programme und Drucker beherrschen die Zwei-Faktor-Authentifizierung nicht. Jedes davon meldet sich mit einem eigenen App-Passwort an.',
    'Sie erstellen es hier und fügen es auf dem Gerät ein. Wenn Sie das Gerät nicht mehr verwenden, löschen Sie es hier.',
  ],
  signIn: 'Anmelden',
  signingIn: 'Sie werden angemeldet …',
  signOut: 'Abmelden',
  signedOut: 'Sie sind hier abgemeldet.',
  signedInAs: (username) => `Angemeldet als ${username}`,
  account: 'Konto und Einstellungen',
  language: 'Sprache',
  theme: 'Design',
  themes: { system: 'Wie das Gerät', light: 'Hell', dark: 'Dunkel' },
  support: 'Helpdesk kontaktieren',
  loading: 'Einen Moment …',
  tryAgain: 'Erneut versuchen',
  close: 'Schließen',
  done: 'Fertig',
  cancel: 'Abbrechen',
  back: 'Zurück zur Liste',
  home: 'Zurück',
  menu: 'Hauptmenü',
  noStorage:
    'Dieser Browser speichert keine Daten für diese Seite. Deshalb können Sie sich nicht anmelden. Erlauben Sie Cookies und Websitedaten, und laden Sie die Seite neu.',

  listTitle: 'Ihre App-Passwörter',
  used: (count, limit) =>
    `${count} von ${plural(limit, { one: '1 App-Passwort', other: `${limit} App-Passwörtern` })}`,
  empty:
    'Sie haben noch keine App-Passwörter. Erstellen Sie eines für jedes Gerät, das die Zwei-Faktor-Authentifizierung nicht beherrscht.',
  search: 'Nach Namen suchen',
  noneFound: 'Nichts gefunden',
  sort: 'Sortieren nach',
  sorts: { created: 'Neueste zuerst', used: 'Zuletzt verwendet', name: 'Name' },
  onlyUnused: 'Nur nicht verwendete',
  detailsOf: (name) => `Details zu ${name}`,
  badges: {
    working: 'Funktioniert',
    unused: 'Noch nicht verwendet',
    paused: 'Pausiert',
    expired: 'Abgelaufen',
    refused: 'Abgelehnt',
    unknown: 'Funktioniert nicht',
  },
  created: (date) => `Erstellt am ${date}`,
  expiresOn: (moment) => `Läuft ab: ${moment}`,
  expiresNever: 'Läuft ab: nie',
  expiredOn: (moment) => `Abgelaufen am ${moment}. Erstellen Sie ein neues für dieses Gerät.`,
  forNone: 'Funktioniert nicht mehr: Ihre Organisation hat alles abgeschaltet, wofür es erstellt wurde.',
  onlyFor: (protocols) => `Nur für ${protocols}`,
  lastUsed: (moment, origin) => `Zuletzt verwendet am ${moment} (${origin})`,
  usedAgo: (ago, use) => (use === '' ? `Verwendet: ${ago}` : `Verwendet: ${ago}, ${use}`),
  uses: {
    imap: 'E-Mail',
    pop3: 'E-Mail',
    smtp: 'E-Mail-Versand',
    sieve: 'E-Mail-Filter',
    eas: 'E-Mail und Kalender',
    dav: 'Kalender und Kontakte',
    radius: 'Netzwerk',
    ldap: 'Adressbuch',
  },
  gateway: (name) => `Gateway ${name}`,
  neverUsed: 'Noch nicht verwendet',
  neverUsedHelp:
    'Noch kein Gerät hat sich damit angemeldet. Löschen Sie es, wenn Sie das Passwort nicht mehr haben.',
  suspendedFor: {
    idle: 'Pausiert: lange nicht verwendet. Aktivieren Sie es wieder, wenn Sie das Gerät noch verwenden.',
    account: 'Pausiert: Ihr Konto ist deaktiviert. Wenden Sie sich an den Helpdesk.',
    administrator: 'Von der Administration pausiert. Wenden Sie sich an den Helpdesk.',
    restored:
      'Pausiert: aus einer Sicherung wiederhergestellt. Löschen Sie es, wenn Sie es nicht mehr brauchen. Sonst wenden Sie sich an den Helpdesk.',
  },
  otherReasonPaused: 'Pausiert. Wenden Sie sich an den Helpdesk.',
  revive: 'Wieder aktivieren',
  reviveOf: (name) => `Wieder aktivieren: ${name}`,
  reviveQuestion: (name) => `App-Passwort für ${name} wieder aktivieren?`,
  reviveEffect: 'Das Gerät kann sich dann wieder damit anmelden.',
  revived: (name) => `Das App-Passwort für ${name} funktioniert wieder.`,
  stillTried: (name, others) =>
    others === 0
      ? `„${name}“ versucht weiterhin, sich anzumelden`
      : `„${name}“ und ${plural(others, { one: '1 weiteres', other: `${others} weitere` })} versuchen weiterhin, sich anzumelden`,
  rename: 'Umbenennen',
  renameOf: (name) => `Umbenennen: ${name}`,
  delete: 'Löschen',
  deleteOf: (name) => `Löschen: ${name}`,
  deleteAll: 'Alle löschen',
  unusedFirst: 'Oben stehen die, die Sie offenbar nicht verwenden.',
  limitReached: (limit) =>
    `Sie haben ${appPasswords(limit)}. Mehr sind nicht möglich. Löschen Sie zuerst eines, und erstellen Sie dann das neue.`,

  create: 'Erstellen',
  createTitle: 'Neues App-Passwort',
  what: 'Wofür ist es?',
  devices: {
    iphone: { tile: 'iPhone oder iPad', name: 'iPhone' },
    android: { tile: 'Android', name: 'Android-Handy' },
    outlook: { tile: 'Outlook', name: 'Outlook' },
    thunderbird: { tile: 'Thunderbird', name: 'Thunderbird' },
    mac: { tile: 'Mac', name: 'Mac' },
    printer: { tile: 'Drucker oder Scanner', name: 'Drucker' },
    other: { tile: 'Etwas anderes', name: '' },
  },
  otherPhone: 'Ist es für ein Handy? Scannen Sie dies mit dessen Kamera, um diese Seite dort zu öffnen.',
  addressCode: 'QR-Code mit dieser Adresse',
  name: 'Name',
  nameHint: 'Ein App-Passwort genügt für alle Apps auf dem Gerät.',
  invalid: {
    name: 'Name: 1 bis 64 sichtbare Zeichen.',
    lifetimeDays:
      'Zu diesem Zeitpunkt kann es nicht ablaufen. Wählen Sie unter „Weitere Optionen“ einen anderen.',
    protocols: 'Wählen Sie mindestens eines, und nur, was Ihre Organisation erlaubt.',
  },
  moreOptions: 'Weitere Optionen',
  lifetime: 'Läuft ab',
  noExpiry: 'Nie',
  atMostDays: (count) => `${inDays(count)}, länger ist nicht möglich`,
  inDays: (count) => (count === 365 ? 'In 1 Jahr' : inDays(count)),
  protocolsFor: 'Funktioniert für',
  next: 'Weiter',
  stillMaking: 'Es wird gerade erstellt. Sie sehen es gleich.',
  password: 'Ihr App-Passwort',
  firstPassword: 'Ihr erstes App-Passwort',
  passwordIntro: (name) => `Fügen Sie dies in den E-Mail-Einstellungen von ${name} als Passwort ein.`,
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyOf: (what) => `Kopieren: ${what}`,
  copiedOf: (what) => `Kopiert: ${what}`,
  copyFailed: 'Das Kopieren hat nicht geklappt. Markieren Sie es, und kopieren Sie es selbst.',
  once: 'Sie sehen es nur dieses eine Mal. Sie können jederzeit ein neues erstellen.',
  neverAsked: 'Geben Sie es niemandem, auch nicht dem Helpdesk.',
  waiting: (name) => `Warten, bis sich ${name} anmeldet …`,
  signedInNow: (name) => `${name} hat sich gerade angemeldet. Es funktioniert.`,
  notYet: (name) =>
    `${name} hat sich noch nicht angemeldet. Steht dort das App-Passwort und nicht das Passwort Ihres Kontos?`,
  closeUncopied: 'Sie haben es nicht kopiert, und es wird nicht noch einmal angezeigt. Trotzdem schließen?',
  closeAnyway: 'Trotzdem schließen',
  keepOpen: 'Zurück',
  leftBehind: (name) =>
    `„${name}“ wurde erstellt, aber sein Passwort wurde nicht kopiert. Löschen Sie es, falls noch kein Gerät es hat.`,
  keep: 'Behalten',

  stepsTitle: 'Auf dem Gerät',
  steps: {
    iphone: [
      'Öffnen Sie Einstellungen, Apps, Mail, Mail-Accounts. Vor iOS 18: Einstellungen, Mail, Accounts.',
      'Tippen Sie auf Ihren Account und dann auf „Account“. Löschen Sie, was bei „Passwort“ steht, und fügen Sie das App-Passwort ein.',
      'Gibt es „Server für ausgehende E-Mails“? Tippen Sie auf SMTP und den Server, und fügen Sie es auch dort ein. Tippen Sie dann auf „Fertig“.',
    ],
    android: [
      'Öffnen Sie Ihre E-Mail-App, dann die Einstellungen und darin Ihr Konto.',
      'Öffnen Sie die Einstellungen für eingehende Nachrichten (Gmail) oder „Servereinstellungen“ (Samsung). Ersetzen Sie dort das Passwort durch das App-Passwort.',
      'Machen Sie dasselbe für ausgehende Nachrichten, und speichern Sie.',
    ],
    outlook: [
      'Wenn Outlook nach dem Kennwort fragt, fügen Sie das App-Passwort ein. Lassen Sie es speichern.',
      'Wenn Outlook nicht fragt: Datei, Kontoeinstellungen, Kontoeinstellungen. Wählen Sie das Konto, dann „Reparieren“ oder „Ändern“.',
      'Im neuen Outlook: Einstellungen, Konten, Ihre Konten, und dann „Verwalten“ neben dem Konto.',
    ],
    thunderbird: [
      'Wenn Thunderbird nach dem Passwort fragt, fügen Sie das App-Passwort ein. Lassen Sie es speichern.',
      'Wenn Thunderbird nicht fragt: Einstellungen, Datenschutz & Sicherheit, Gespeicherte Passwörter.',
      'Entfernen Sie dort die Passwörter dieses Kontos. Rufen Sie Ihre Nachrichten ab, und fügen Sie das App-Passwort ein.',
    ],
    mac: [
      'Öffnen Sie Mail. Wählen Sie oben Mail, Einstellungen, Accounts und dann Ihren Account.',
      'Fügen Sie das App-Passwort unter „Servereinstellungen“ für eingehende und für ausgehende E-Mails ein. Sichern Sie es.',
    ],
    printer: [
      'Öffnen Sie die Einstellungen des Druckers: auf seinem Display oder unter seiner Adresse in einem Browser.',
      'Suchen Sie die Einstellungen für E-Mail oder SMTP, und schalten Sie die SMTP-Authentifizierung ein.',
      'Geben Sie Server, Port und Benutzernamen wie unten an, und als Passwort das App-Passwort. Senden Sie dann einen Test.',
    ],
    other: [
      'Suchen Sie die Stelle, an der das Gerät nach dem Passwort Ihres Kontos fragt.',
      'Fügen Sie dort das App-Passwort ein, statt des Passworts Ihres Kontos.',
    ],
  },
  newAccount: 'Ist das Konto noch nicht auf dem Gerät?',
  profile: 'Einstellungen als Profil laden',
  profileHelp:
    'Öffnen Sie diese Seite auf dem Gerät, und tippen Sie auf den Knopf. Öffnen Sie dann Einstellungen, Profil geladen, Installieren; auf einem Mac: Systemeinstellungen, Allgemein, Geräteverwaltung. Das Gerät fragt nach Ihrem Benutzernamen und dem App-Passwort; beide stehen nicht im Profil.',
  profileOnPhone:
    'Ist es für ein Handy? Scannen Sie dies mit dessen Kamera, um die Einstellungen dort zu laden.',
  profileUnsigned: 'Das Gerät meldet, dass das Profil nicht signiert ist. Das ist in Ordnung.',
  thunderbirdCode: (index, count) =>
    count === 1
      ? 'QR-Code mit den Einstellungen für Thunderbird auf Android'
      : `QR-Code ${index} von ${count} mit den Einstellungen für Thunderbird auf Android`,
  thunderbirdHelp:
    'Auf dem Handy, in Thunderbird: Einstellungen, Einstellungen importieren, QR-Code scannen. Ihr Passwort ist nicht enthalten: Fügen Sie das App-Passwort ein, wenn Thunderbird danach fragt.',
  settings: 'Angaben für das Gerät',
  username: 'Benutzername',
  server: 'Server',
  port: 'Port',
  security: { tls: 'TLS (SSL)', starttls: 'STARTTLS' },

  activityTitle: 'Aktivität',
  refusalsTitle: 'Abgelehnte Anmeldungen',
  refusalsHelp:
    'Ein Gerät verwendet diese App-Passwörter noch. Erstellen Sie ein neues dafür, oder entfernen Sie das Konto vom Gerät.',
  noRefusals: 'Keines Ihrer App-Passwörter wurde abgelehnt.',
  states: { active: 'funktioniert', suspended: 'pausiert', expired: 'abgelaufen', deleted: 'gelöscht' },
  otherState: 'funktioniert nicht',
  deletedOn: (date) => `gelöscht am ${date}`,
  refused: (name, state, count, since) =>
    `„${name}“ (${state}): seit ${since} mindestens ${times(count)} versucht`,
  lastRefused: (moment, origin) => `Zuletzt am ${moment}, ${origin}.`,
  reasons: {
    'former-username':
      'Es wurde mit einem früheren Benutzernamen versucht. Geben Sie auf dem Gerät den neuen ein.',
    'unknown-app-password': 'Dieses App-Passwort ist nicht bekannt.',
    deleted: 'Es war gelöscht.',
    expired: 'Es war abgelaufen.',
    suspended: 'Es war pausiert.',
    'wrong-protocol':
      'Es funktioniert, aber nicht hierfür. Erstellen Sie ein anderes, und wählen Sie, wofür es funktioniert.',
    'verification-denied': 'Die Organisation hat keine Anmeldung mit App-Passwörtern erlaubt.',
  },
  otherReason: 'Es wurde aus einem anderen Grund abgelehnt.',
  changesTitle: 'Änderungen',
  noChanges: 'Es wurde noch nichts geändert.',
  quote: (name) => `„${name}“`,
  several: (count) => (count === null ? 'App-Passwörter' : appPasswords(count)),
  changes: {
    created: (subject) => `${subject} erstellt`,
    renamed: (subject) => `${subject} umbenannt`,
    deleted: (subject) => `${subject} gelöscht`,
    'deleted-all': (subject) => `Alle gelöscht: ${subject}`,
    revived: (subject) => `${subject} wieder aktiviert`,
    suspended: (subject) => `${subject} pausiert`,
    resumed: (subject) => `${subject} wieder aktiviert`,
    restored: (subject) => `Aus einer Sicherung wiederhergestellt: ${subject}`,
    'account-disabled': (_) => 'Konto deaktiviert',
    'account-enabled': (_) => 'Konto aktiviert',
    'account-deleted': (_) => 'Konto gelöscht',
    'username-changed': (_) => 'Benutzername geändert',
  },
  otherChange: 'Etwas anderes wurde geändert',
  changed: (moment, by) => `${moment}, ${by}`,
  by: {
    person: 'von Ihnen',
    administrator: 'von der Administration',
    directory: 'automatisch',
    operator: 'von der IT',
  },
  somebodyElse: 'von jemand anderem',

  adminTitle: 'Verwaltung',

  save: 'Speichern',
  deleteQuestion: (name) => `App-Passwort für ${name} löschen?`,
  deleteEffect: 'Das Gerät kann sich dann sofort nicht mehr anmelden.',
  deleteAllQuestion: (count) =>
    plural(count, {
      one: 'Ihr einziges App-Passwort löschen?',
      other: `Alle ${count} App-Passwörter löschen?`,
    }),
  deleteAllEffect: 'Alle diese Geräte können sich dann sofort nicht mehr anmelden.',
  deleteWord: 'löschen',
  typeWord: (word) => `Geben Sie „${word}“ ein, um fortzufahren.`,
  notTheWord: (word) => `Geben Sie hier „${word}“ ein.`,
  yes: 'Ja',
  deleted: (name) => `Das App-Passwort für ${name} ist gelöscht. Das Gerät kann sich nicht mehr anmelden.`,
  deletedAll: 'Alle Ihre App-Passwörter sind gelöscht.',

  offline: 'Sie sind offline. Es geht nichts verloren: Versuchen Sie es erneut, sobald Sie verbunden sind.',
  fault: 'Der Dienst ist nicht erreichbar. Es geht nichts verloren: Versuchen Sie es erneut.',
  faultUnknown: 'Noch keine Antwort. Versuchen Sie es erneut; nichts geschieht doppelt.',
  problems: {
    'too-many-requests':
      'Zu viele Anfragen auf einmal. Warten Sie einen Moment, und versuchen Sie es dann erneut.',
    'username-not-accepted': 'Dieses Konto kann keine App-Passwörter haben. Wenden Sie sich an den Helpdesk.',
    'account-disabled':
      'Dieses Konto ist deaktiviert und bekommt keine App-Passwörter. Wenden Sie sich an den Helpdesk.',
    'creation-denied':
      'Ihre Organisation erlaubt keine neuen App-Passwörter. Die vorhandenen funktionieren weiter, und Sie können sie löschen.',
    'already-used':
      'Dieses App-Passwort wird schon verwendet und nicht noch einmal angezeigt. Erstellen Sie ein anderes.',
    'not-found': 'Dieses App-Passwort gibt es nicht mehr.',
    forbidden: 'Das dürfen Sie hier nicht. Wenden Sie sich an den Helpdesk.',
    'insufficient-scope': 'Diese Seite darf keine App-Passwörter verwalten. Wenden Sie sich an den Helpdesk.',
  },
  otherProblem: 'Das hat nicht geklappt. Wenden Sie sich an den Helpdesk.',
  signInFailed:
    'Die Anmeldung hat nicht geklappt. Versuchen Sie es erneut. Wenn das nicht hilft, wenden Sie sich an den Helpdesk.',

  stepUpTitle: 'Noch ein Schritt',
  stepUp: {
    factor:
      'Melden Sie sich mit Ihrem zweiten Faktor an, um App-Passwörter zu verwalten. Danach geht es hier weiter.',
    age: 'Ihre Anmeldung ist schon eine Weile her. Melden Sie sich erneut an, um fortzufahren. Danach geht es hier weiter.',
    authTime: 'Melden Sie sich erneut an, um fortzufahren. Danach geht es hier weiter.',
  },
  continue: 'Fortfahren',
  blockedTitle: 'Wir konnten nicht bestätigen, dass Sie es sind',
  blocked: {
    factor:
      'Sie haben sich angemeldet, aber es wurde kein zweiter Faktor verlangt. Sagen Sie dem Helpdesk, dass die Anmeldung bei „App-Passwörter“ eine Multi-Faktor-Authentifizierung verlangen muss.',
    age: 'Sie haben sich angemeldet, aber die Anmeldung gilt weiterhin als zu alt. Melden Sie sich überall ab und wieder an. Wenn das nicht hilft, wenden Sie sich an den Helpdesk.',
    authTime:
      'Sie haben sich angemeldet, aber der Dienst hat nicht erfahren, wann. Wenden Sie sich an den Helpdesk.',
  },
  notAcceptedTitle: 'Diese Anmeldung wird nicht akzeptiert',
  notAccepted:
    'Sie haben sich angemeldet, aber der Dienst akzeptiert die Anmeldung nicht. Melden Sie sich erneut an. Wenn das nicht hilft, wenden Sie sich an den Helpdesk.',
  helpdeskCode: (code) => `Code für den Helpdesk: ${code}`,
  signInAgain: 'Erneut anmelden',

  needTitle: 'Brauche ich eines?',
  need: [
    'Nein, wenn die App die Anmeldeseite Ihrer Organisation öffnet. Das tun Outlook und Office seit 2013 und die meisten E-Mail-Apps auf heutigen Handys.',
    'Ja, wenn die App oder das Gerät nur Felder für Benutzername und Passwort hat. Sie merken es so: Seit Sie die Zwei-Faktor-Authentifizierung verwenden, wird Ihr Passwort abgelehnt.',
  ],
  needWhich: 'Wo erstelle ich es?',
  needQuestions: {
    personal: 'Verwenden Sie die Zwei-Faktor-Authentifizierung mit einem persönlichen Microsoft-Konto?',
    work: 'Verwenden Sie sie mit einem Geschäfts-, Schul- oder Unikonto für Office 365?',
    azure: 'Verwenden Sie sie mit einem Geschäfts-, Schul- oder Unikonto für Azure?',
    unsure: 'Sind Sie nicht sicher?',
  },
  needHere: 'Hier erstellen',
  needElsewhere: 'Auf einer anderen Seite erstellen',
  needAfter: 'Und danach',
  needNext: {
    factor: 'Zweiten Faktor verwalten',
    authenticator: 'Benachrichtigungen statt SMS oder Anrufen erhalten, mit der Authenticator-App',
  },

  lostLink: 'Ich habe ein Gerät verloren',
  lostTitle: 'Ich habe ein Gerät verloren, oder jemand hat ein Passwort gesehen',
  lost: [
    'Löschen Sie jetzt das App-Passwort dieses Geräts. Es funktioniert sofort nicht mehr; Ihre anderen Geräte funktionieren weiter.',
    'Wissen Sie nicht, welches es war? Löschen Sie alle, und erstellen Sie neue für die Geräte, die Sie noch haben.',
  ],
  lostSignIn: 'Zum Löschen anmelden',
  lostWhich: 'Welches Gerät?',
  lostFactorTitle: 'Ich habe den zweiten Faktor selbst verloren',
  lostFactor:
    'Sie brauchen einen neuen, bevor Sie sich hier anmelden können. Der Helpdesk kann ihn einrichten.',
  lostFactorLink: 'Neuen zweiten Faktor beantragen',

  admin: {
    instead: {
      neverUsedHelp: 'Bisher hat sich kein Gerät damit angemeldet.',
      suspendedFor: {
        idle: 'Lange nicht verwendet. Nur die Person selbst kann es wieder aktivieren.',
        account: 'Das Konto ist deaktiviert.',
        administrator: 'Die Administration hat es pausiert.',
        restored:
          'Aus einer Sicherung wiederhergestellt. Die Administration kann es wieder aktivieren, wenn die Person es noch möchte.',
      },
      by: {
        person: 'von der Person',
        administrator: 'von der Administration',
        directory: 'automatisch',
        operator: 'von der IT',
      },
      invalid: {
        username: 'Das kann kein Benutzername sein.',
        maximumLifetimeDays: 'Geben Sie eine ganze Zahl von 1 bis 3650 ein, oder lassen Sie es leer.',
        idleDays: 'Geben Sie eine ganze Zahl von 1 bis 3650 ein, oder lassen Sie es leer.',
        protocols: 'Wählen Sie mindestens ein Protokoll.',
        limit: 'Geben Sie eine ganze Zahl von 1 bis 40 ein.',
      },
      problems: {
        'account-disabled': 'Das Konto ist deaktiviert. Aktivieren Sie es zuerst.',
        'not-found': 'Das gibt es nicht mehr.',
        'username-not-accepted': 'Dieser Benutzername kann hier nicht verwendet werden.',
        forbidden:
          'Dafür ist die App-Rolle AppPasswords.Admin nötig; zum Ansehen genügt AppPasswords.Helpdesk. Oder das Verzeichnis bestimmt es.',
        'insufficient-scope':
          'Diese Seite darf keine App-Passwörter verwalten: Die Anmeldung gibt ihr keinen solchen Scope.',
      },
      otherProblem: 'Das hat nicht geklappt.',
    },

    peopleTitle: 'Personen',
    policyTitle: 'Richtlinie',
    reportTitle: 'Bericht',
    onlyLooking: 'Sie können hier alles ansehen, aber nichts ändern.',

    directoryTitle: 'Verzeichnis',
    noDirectory:
      'Es ist kein Verzeichnis eingerichtet. Konten werden von Hand deaktiviert und Benutzernamen von Hand festgelegt.',
    directoryNever: 'Das Verzeichnis hat noch nicht geantwortet.',
    directoryAt: (moment) => `Das Verzeichnis hat zuletzt am ${moment} geantwortet.`,
    directoryChecking: 'Alle Personen werden gerade geprüft.',
    find: 'Suchen',
    nobody: 'Niemand hat hier diesen Benutzernamen.',

    enabled: 'Konto aktiviert',
    disabled: 'Konto deaktiviert: Kein App-Passwort funktioniert',
    registered: (date) => `Registriert am ${date}`,
    notRegistered: 'Noch nicht registriert',
    disable: 'Konto deaktivieren',
    enable: 'Konto aktivieren',
    setUsername: 'Benutzernamen festlegen',
    newUsername: 'Neuer Benutzername',
    erase: 'Person löschen',
    notTheUsername: 'Das ist nicht der Benutzername dieser Person.',
    none: 'Keine.',
    deleted: (moment) => `Gelöscht am ${moment}`,
    deletedTitle: 'Gelöschte App-Passwörter',
    noRefusals: 'Keine Anmeldung wurde abgelehnt.',
    refused: (count, since) => `Seit ${since} mindestens ${times(count)} abgelehnt`,
    unknown: 'Ein Passwort, das diese Person nie hatte',
    older: (count) => plural(count, { one: '1 ältere', other: `${count} ältere` }),
    proof: (evidence) => `Erstellt nach einer Anmeldung mit ${evidence}.`,
    authenticated: (moment) => `Angemeldet am ${moment}.`,
    suspend: 'Pausieren',
    suspendOf: (name) => `Pausieren: ${name}`,
    resume: 'Wieder aktivieren',
    resumeOf: (name) => `Wieder aktivieren: ${name}`,

    asks: {
      suspend: (name, _) => ({
        question: `App-Passwort für ${name} pausieren?`,
        effect: 'Das Gerät kann sich nicht mehr anmelden, bis Sie es wieder aktivieren.',
        submit: 'Pausieren',
        done: `Das App-Passwort für ${name} ist pausiert.`,
      }),
      resume: (name, _) => ({
        question: `App-Passwort für ${name} wieder aktivieren?`,
        effect:
          'Das Gerät kann sich wieder damit anmelden, sofern es nicht aus einem anderen Grund pausiert ist.',
        submit: 'Wieder aktivieren',
        done: `Das App-Passwort für ${name} ist wieder aktiviert.`,
      }),
      delete: (name, _) => ({
        question: `App-Passwort für ${name} löschen?`,
        effect: 'Das Gerät kann sich dann nicht mehr anmelden. Das lässt sich nicht rückgängig machen.',
        submit: 'Löschen',
        done: `Das App-Passwort für ${name} ist gelöscht. Das Gerät kann sich nicht mehr anmelden.`,
      }),
      'delete-all': (name, count) => ({
        question: `Alle App-Passwörter von ${name} löschen?`,
        effect: plural(count, {
          one: 'Es gibt 1. Das Gerät kann sich dann nicht mehr anmelden. Das lässt sich nicht rückgängig machen.',
          other: `Es gibt ${count}. Alle diese Geräte können sich dann nicht mehr anmelden. Das lässt sich nicht rückgängig machen.`,
        }),
        submit: 'Alle löschen',
        done: `Alle App-Passwörter von ${name} sind gelöscht.`,
      }),
      disable: (name, _) => ({
        question: `Konto von ${name} deaktivieren?`,
        effect: 'Keines der Geräte kann sich dann anmelden, und es gibt keine neuen App-Passwörter.',
        submit: 'Konto deaktivieren',
        done: `Das Konto von ${name} ist deaktiviert.`,
      }),
      enable: (name, _) => ({
        question: `Konto von ${name} aktivieren?`,
        effect: 'Die Geräte können sich dann wieder anmelden.',
        submit: 'Konto aktivieren',
        done: `Das Konto von ${name} ist aktiviert.`,
      }),
      username: (name, _) => ({
        question: `Benutzernamen von ${name} festlegen?`,
        effect: 'Geräte, die den alten Benutzernamen verwenden, können sich dann nicht mehr anmelden.',
        submit: 'Benutzernamen festlegen',
        done: 'Der Benutzername ist festgelegt.',
      }),
      erase: (name, _) => ({
        question: `${name} löschen?`,
        effect:
          'Alle App-Passwörter und alle Daten dieser Person werden hier endgültig gelöscht. Geben Sie zur Bestätigung den Benutzernamen ein.',
        submit: 'Person löschen',
        done: `${name} ist gelöscht.`,
      }),
    },

    policy: {
      creation: 'Wer App-Passwörter erstellen darf',
      verification: 'Anmeldung mit App-Passwörtern',
      maximumLifetimeDays: 'Maximale Gültigkeit (Tage)',
      idleDays: 'Pausieren nach so vielen Tagen ohne Verwendung',
      limit: 'App-Passwörter pro Person',
      protocols: 'Protokolle',
    },
    policyHints: {
      creation: 'Vorhandene App-Passwörter funktionieren weiter.',
      verification: 'Ist sie verboten, kann sich kein Gerät mit einem App-Passwort anmelden.',
      maximumLifetimeDays: 'Leer lassen für kein Maximum. Es gilt auch für ältere App-Passwörter.',
      idleDays: 'Leer lassen für nie. Die Person kann sie wieder aktivieren.',
    },
    choices: {
      creation: {
        everybody: 'Alle',
        'app-role': 'Personen mit der App-Rolle AppPasswords.User',
        nobody: 'Niemand',
      },
      verification: { allowed: 'Erlaubt', denied: 'Verboten' },
    },
    unrestricted: { maximumLifetimeDays: 'Kein Maximum', idleDays: 'Nie', protocols: 'Alle' },
    saveAndStop: 'Speichern und alle Geräte stoppen',
    saved: 'Gespeichert. Es gilt innerhalb einer Minute überall.',
    overtaken:
      'Jemand anderes hat die Richtlinie geändert; dies ist die neue Fassung. Ihre Änderungen wurden nicht gespeichert.',

    reportHelp: 'Die Zahlen aller Personen. Bei vielen Personen dauert es eine Weile.',
    start: 'Bericht erstellen',
    stop: 'Anhalten',
    goOn: 'Fortsetzen',
    soFar: (count) => `Bisher ${people(count)}`,
    wholeReport: (count) => `Vollständig: ${people(count)}`,
    counts: {
      people: 'Personen',
      disabledPeople: 'Personen mit deaktiviertem Konto',
      peopleWithAppPasswords: 'Personen mit App-Passwörtern',
      appPasswords: 'App-Passwörter',
      active: 'Funktionieren',
      suspended: 'Pausiert',
      expired: 'Abgelaufen',
      neverUsed: 'Nie verwendet',
      unused30Days: 'Verwendet, aber seit 30 Tagen nicht',
      unused90Days: 'Verwendet, aber seit 90 Tagen nicht',
      unused365Days: 'Verwendet, aber seit 365 Tagen nicht',
      expiringIn30Days: 'Laufen innerhalb von 30 Tagen ab',
      createdWithin30Days: 'In den letzten 30 Tagen erstellt',
      createdWithin90Days: 'Vor 30 bis 90 Tagen erstellt',
      createdWithin365Days: 'Vor 90 bis 365 Tagen erstellt',
      olderThan365Days: 'Vor mehr als 365 Tagen erstellt',
      restricted: 'Nur für bestimmte Protokolle',
      refused: 'Abgelehnte App-Passwörter, auch gelöschte',
      refusals: 'Abgelehnte Anmeldungen damit',
    },
    lastFor: (protocol) => `Zuletzt verwendet für ${protocol}`,
    lastUnknown: 'Zuletzt verwendet für ein unbekanntes Protokoll',
  },
};
