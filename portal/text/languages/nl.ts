import { pluralOf } from '../plural.ts';
import type { Text } from './en.ts';

const plural = pluralOf('nl');
const appPasswords = (count: number) =>
  plural(count, { one: '1 app-wachtwoord', other: `${count} app-wachtwoorden` });
const times = (count: number) => plural(count, { one: 'één keer', other: `${count} keer` });
const days = (count: number) => plural(count, { one: '1 dag', other: `${count} dagen` });
const people = (count: number) => plural(count, { one: '1 persoon', other: `${count} personen` });

/** Every word of the page in Dutch. */
export const words: Text = {
  direction: 'ltr',
  title: 'App-wachtwoorden',
  intro: [
    'Werkt e-mail niet meer op een apparaat? Misschien hebt u een app-wachtwoord nodig.',
    'Sommige telefoons, mailprogramma’s en printers kunnen niet overweg met verificatie in twee stappen. Die melden zich elk aan met een eigen app-wachtwoord.',
    'U maakt het hier en plakt het in het apparaat. Gebruikt u het apparaat niet meer, dan verwijdert u het hier.',
  ],
  signIn: 'Aanmelden',
  signingIn: 'U wordt aangemeld …',
  signOut: 'Afmelden',
  signedOut: 'U bent hier afgemeld.',
  signedInAs: (username) => `Aangemeld als ${username}`,
  account: 'Account en instellingen',
  language: 'Taal',
  theme: 'Thema',
  themes: { system: 'Zoals het apparaat', light: 'Licht', dark: 'Donker' },
  support: 'Neem contact op met de helpdesk',
  loading: 'Een ogenblik …',
  tryAgain: 'Opnieuw proberen',
  close: 'Sluiten',
  done: 'Klaar',
  cancel: 'Annuleren',
  back: 'Terug naar de lijst',
  home: 'Terug',
  menu: 'Hoofdmenu',
  noStorage:
    'Deze browser bewaart geen gegevens voor deze pagina. Daardoor kunt u zich niet aanmelden. Sta cookies en sitegegevens toe en laad de pagina opnieuw.',

  listTitle: 'Uw app-wachtwoorden',
  used: (count, limit) => `${count} van ${appPasswords(limit)}`,
  empty:
    'U hebt nog geen app-wachtwoorden. Maak er een voor elk apparaat dat niet overweg kan met verificatie in twee stappen.',
  search: 'Zoeken op naam',
  noneFound: 'Niets gevonden',
  sort: 'Sorteren op',
  sorts: { created: 'Nieuwste eerst', used: 'Laatst gebruikt', name: 'Naam' },
  onlyUnused: 'Alleen ongebruikte',
  detailsOf: (name) => `Details van ${name}`,
  badges: {
    working: 'Werkt',
    unused: 'Nog niet gebruikt',
    paused: 'Gepauzeerd',
    expired: 'Verlopen',
    refused: 'Geweigerd',
    unknown: 'Werkt niet',
  },
  created: (date) => `Gemaakt op ${date}`,
  expiresOn: (moment) => `Verloopt: ${moment}`,
  expiresNever: 'Verloopt: nooit',
  expiredOn: (moment) => `Verlopen op ${moment}. Maak een nieuw voor dit apparaat.`,
  forNone: 'Werkt niet meer: uw organisatie heeft alles uitgezet waarvoor het gemaakt is.',
  onlyFor: (protocols) => `Alleen voor ${protocols}`,
  lastUsed: (moment, origin) => `Laatst gebruikt op ${moment} (${origin})`,
  usedAgo: (ago, use) => (use === '' ? `Gebruikt: ${ago}` : `Gebruikt: ${ago}, ${use}`),
  uses: {
    imap: 'e-mail',
    pop3: 'e-mail',
    smtp: 'e-mail verzenden',
    sieve: 'mailfilters',
    eas: 'e-mail en agenda',
    dav: 'agenda en contacten',
    radius: 'netwerk',
    ldap: 'adresboek',
  },
  gateway: (name) => `gateway ${name}`,
  neverUsed: 'Nog niet gebruikt',
  neverUsedHelp:
    'Er heeft zich nog geen apparaat mee aangemeld. Hebt u het wachtwoord niet meer, verwijder het dan.',
  suspendedFor: {
    idle: 'Gepauzeerd: lang niet gebruikt. Schakel het weer in als u het apparaat nog gebruikt.',
    account: 'Gepauzeerd: uw account is uitgeschakeld. Neem contact op met de helpdesk.',
    administrator: 'Gepauzeerd door een beheerder. Neem contact op met de helpdesk.',
    restored:
      'Gepauzeerd: teruggezet uit een back-up. Verwijder het als u het niet meer nodig hebt. Hebt u het nog nodig, neem dan contact op met de helpdesk.',
  },
  otherReasonPaused: 'Gepauzeerd. Neem contact op met de helpdesk.',
  revive: 'Weer inschakelen',
  reviveOf: (name) => `Weer inschakelen: ${name}`,
  reviveQuestion: (name) => `Het app-wachtwoord voor ${name} weer inschakelen?`,
  reviveEffect: 'Het apparaat kan zich er dan weer mee aanmelden.',
  revived: (name) => `Het app-wachtwoord voor ${name} werkt weer.`,
  stillTried: (name, others) =>
    others === 0
      ? `“${name}” probeert zich nog aan te melden`
      : `“${name}” en nog ${plural(others, { one: '1 ander', other: `${others} andere` })} proberen zich nog aan te melden`,
  rename: 'Naam wijzigen',
  renameOf: (name) => `Naam wijzigen: ${name}`,
  delete: 'Verwijderen',
  deleteOf: (name) => `Verwijderen: ${name}`,
  deleteAll: 'Alles verwijderen',
  unusedFirst: 'Wat u niet lijkt te gebruiken, staat bovenaan.',
  limitReached: (limit) =>
    `U hebt ${appPasswords(limit)}. Dat is het maximum. Verwijder er eerst een en maak dan het nieuwe.`,

  create: 'Maken',
  createTitle: 'Nieuw app-wachtwoord',
  what: 'Waar is het voor?',
  devices: {
    iphone: { tile: 'iPhone of iPad', name: 'iPhone' },
    android: { tile: 'Android', name: 'Android-telefoon' },
    outlook: { tile: 'Outlook', name: 'Outlook' },
    thunderbird: { tile: 'Thunderbird', name: 'Thunderbird' },
    mac: { tile: 'Mac', name: 'Mac' },
    printer: { tile: 'Printer of scanner', name: 'Printer' },
    other: { tile: 'Iets anders', name: '' },
  },
  otherPhone: 'Is het voor een telefoon? Scan dit met de camera van de telefoon om de pagina daar te openen.',
  addressCode: 'QR-code met dit adres',
  name: 'Naam',
  nameHint: 'Eén app-wachtwoord is genoeg voor alle apps op het apparaat.',
  invalid: {
    name: 'Naam: 1 tot 64 zichtbare tekens.',
    lifetimeDays: 'Op dat moment kan het niet verlopen. Kies een ander moment onder “Meer opties”.',
    protocols: 'Kies er minstens één, en alleen wat uw organisatie toestaat.',
  },
  moreOptions: 'Meer opties',
  lifetime: 'Verloopt',
  noExpiry: 'Nooit',
  atMostDays: (count) => `Over ${days(count)}, langer kan niet`,
  inDays: (count) => (count === 365 ? 'Over 1 jaar' : `Over ${days(count)}`),
  protocolsFor: 'Werkt voor',
  next: 'Volgende',
  stillMaking: 'Het wordt gemaakt. U ziet het zo meteen.',
  password: 'Uw app-wachtwoord',
  firstPassword: 'Uw eerste app-wachtwoord',
  passwordIntro: (name) => `Plak dit als wachtwoord in de mailinstellingen van ${name}.`,
  copy: 'Kopiëren',
  copied: 'Gekopieerd',
  copyOf: (what) => `Kopiëren: ${what}`,
  copiedOf: (what) => `Gekopieerd: ${what}`,
  copyFailed: 'Kopiëren is niet gelukt. Selecteer het en kopieer het zelf.',
  once: 'U ziet het alleen deze ene keer. U kunt altijd een nieuw maken.',
  neverAsked: 'Geef dit aan niemand, ook niet aan de helpdesk.',
  waiting: (name) => `Wachten tot ${name} zich aanmeldt …`,
  signedInNow: (name) => `${name} heeft zich zojuist aangemeld. Het werkt.`,
  notYet: (name) =>
    `${name} heeft zich nog niet aangemeld. Staat daar het app-wachtwoord, en niet het wachtwoord van uw account?`,
  closeUncopied: 'U hebt het niet gekopieerd en ziet het niet nog eens. Toch sluiten?',
  closeAnyway: 'Toch sluiten',
  keepOpen: 'Teruggaan',
  leftBehind: (name) =>
    `“${name}” is gemaakt, maar het wachtwoord is niet gekopieerd. Verwijder het, tenzij een apparaat het al heeft.`,
  keep: 'Behouden',

  stepsTitle: 'Op het apparaat',
  steps: {
    iphone: [
      'Open Instellingen, Apps, Mail, Mail-accounts. Vóór iOS 18: Instellingen, Mail, Accounts.',
      'Tik op uw account en dan op Account. Wis wat er bij Wachtwoord staat en plak het app-wachtwoord.',
      'Staat er Server uitgaande post? Tik op SMTP en op de server, en plak het daar ook. Tik dan op Gereed.',
    ],
    android: [
      'Open uw mailapp, ga naar de instellingen en kies uw account.',
      'Open de instellingen voor inkomende e-mail (Gmail) of Serverinstellingen (Samsung). Vervang daar het wachtwoord door het app-wachtwoord.',
      'Doe hetzelfde voor uitgaande e-mail en sla het op.',
    ],
    outlook: [
      'Vraagt Outlook om uw wachtwoord? Plak dan het app-wachtwoord en laat Outlook het onthouden.',
      'Vraagt Outlook er niet om? Kies Bestand, Accountinstellingen, Accountinstellingen. Kies het account en dan Herstellen of Wijzigen.',
      'In de nieuwe Outlook: Instellingen, Accounts, Uw accounts, en dan Beheren naast het account.',
    ],
    thunderbird: [
      'Vraagt Thunderbird om uw wachtwoord? Plak dan het app-wachtwoord en laat Thunderbird het onthouden.',
      'Vraagt Thunderbird er niet om? Kies Instellingen, Privacy & Beveiliging, Opgeslagen wachtwoorden.',
      'Verwijder daar de wachtwoorden van dit account. Haal uw berichten op en plak het app-wachtwoord.',
    ],
    mac: [
      'Open Mail. Kies bovenin Mail, Instellingen, Accounts, en dan uw account.',
      'Plak het app-wachtwoord onder Serverinstellingen, voor inkomende én uitgaande e-mail. Bewaar het.',
    ],
    printer: [
      'Open de instellingen van de printer, op het scherm of via het adres in een browser.',
      'Zoek de instellingen voor e-mail of SMTP en zet SMTP-verificatie aan.',
      'Vul server, poort en gebruikersnaam in zoals hieronder, en het app-wachtwoord als wachtwoord. Verstuur dan een test.',
    ],
    other: [
      'Zoek waar het apparaat om het wachtwoord van uw account vraagt.',
      'Plak daar het app-wachtwoord in plaats van het wachtwoord van uw account.',
    ],
  },
  newAccount: 'Staat het account nog niet op het apparaat?',
  profile: 'Haal de instellingen op als profiel',
  profileHelp:
    'Open deze pagina op het apparaat en tik op de knop. Open dan Instellingen, Profiel gedownload, Installeer; op een Mac: Systeeminstellingen, Algemeen, Apparaatbeheer. Het apparaat vraagt om uw gebruikersnaam en het app-wachtwoord; die staan niet in het profiel.',
  profileOnPhone:
    'Is het voor een telefoon? Scan dit met de camera van de telefoon om de instellingen daar op te halen.',
  profileUnsigned: 'Het apparaat meldt dat het profiel niet ondertekend is. Dat klopt.',
  thunderbirdCode: (index, count) =>
    count === 1
      ? 'QR-code met de instellingen voor Thunderbird op Android'
      : `QR-code ${index} van ${count} met de instellingen voor Thunderbird op Android`,
  thunderbirdHelp:
    'Kies op de telefoon, in Thunderbird: Instellingen, Instellingen importeren, QR-code scannen. Uw wachtwoord staat er niet in: plak het app-wachtwoord als Thunderbird erom vraagt.',
  settings: 'Gegevens voor het apparaat',
  username: 'Gebruikersnaam',
  server: 'Server',
  port: 'Poort',
  security: { tls: 'TLS (SSL)', starttls: 'STARTTLS' },

  activityTitle: 'Activiteit',
  refusalsTitle: 'Geweigerde aanmeldingen',
  refusalsHelp:
    'Een apparaat gebruikt deze app-wachtwoorden nog. Maak er een nieuw voor, of verwijder het account van het apparaat.',
  noRefusals: 'Geen van uw app-wachtwoorden is geweigerd.',
  states: { active: 'werkt', suspended: 'gepauzeerd', expired: 'verlopen', deleted: 'verwijderd' },
  otherState: 'werkt niet',
  deletedOn: (date) => `verwijderd op ${date}`,
  refused: (name, state, count, since) =>
    `“${name}” (${state}): sinds ${since} minstens ${times(count)} geprobeerd`,
  lastRefused: (moment, origin) => `Laatst op ${moment}, ${origin}.`,
  reasons: {
    'former-username': 'Het is geprobeerd met een vroegere gebruikersnaam. Vul op het apparaat de nieuwe in.',
    'unknown-app-password': 'Dit app-wachtwoord is niet bekend.',
    deleted: 'Het was verwijderd.',
    expired: 'Het was verlopen.',
    suspended: 'Het was gepauzeerd.',
    'wrong-protocol': 'Het werkt, maar niet hiervoor. Maak een ander en kies waarvoor het werkt.',
    'verification-denied': 'De organisatie stond geen aanmelding met app-wachtwoorden toe.',
  },
  otherReason: 'Het is om een andere reden geweigerd.',
  changesTitle: 'Wijzigingen',
  noChanges: 'Er is nog niets gewijzigd.',
  quote: (name) => `“${name}”`,
  several: (count) => (count === null ? 'App-wachtwoorden' : appPasswords(count)),
  changes: {
    created: (subject) => `${subject} gemaakt`,
    renamed: (subject) => `Naam van ${subject} gewijzigd`,
    deleted: (subject) => `${subject} verwijderd`,
    'deleted-all': (subject) => `Alles verwijderd: ${subject}`,
    revived: (subject) => `${subject} weer ingeschakeld`,
    suspended: (subject) => `${subject} gepauzeerd`,
    resumed: (subject) => `${subject} weer ingeschakeld`,
    restored: (subject) => `Teruggezet uit een back-up: ${subject}`,
    'account-disabled': (_) => 'Account uitgeschakeld',
    'account-enabled': (_) => 'Account ingeschakeld',
    'account-deleted': (_) => 'Account verwijderd',
    'username-changed': (_) => 'Gebruikersnaam gewijzigd',
  },
  otherChange: 'Er is iets anders gewijzigd',
  changed: (moment, by) => `${moment}, ${by}`,
  by: {
    person: 'door u',
    administrator: 'door een beheerder',
    directory: 'automatisch',
    operator: 'door IT',
  },
  somebodyElse: 'door iemand anders',

  adminTitle: 'Beheer',

  save: 'Opslaan',
  deleteQuestion: (name) => `Het app-wachtwoord voor ${name} verwijderen?`,
  deleteEffect: 'Het apparaat kan zich meteen niet meer aanmelden.',
  deleteAllQuestion: (count) =>
    plural(count, {
      one: 'Uw enige app-wachtwoord verwijderen?',
      other: `Alle ${count} app-wachtwoorden verwijderen?`,
    }),
  deleteAllEffect: 'Al deze apparaten kunnen zich meteen niet meer aanmelden.',
  deleteWord: 'verwijderen',
  typeWord: (word) => `Typ “${word}” om door te gaan.`,
  notTheWord: (word) => `Typ hier “${word}”.`,
  yes: 'Ja',
  deleted: (name) =>
    `Het app-wachtwoord voor ${name} is verwijderd. Het apparaat kan zich niet meer aanmelden.`,
  deletedAll: 'Al uw app-wachtwoorden zijn verwijderd.',

  offline: 'U bent offline. Er gaat niets verloren: probeer het opnieuw als u weer verbinding hebt.',
  fault: 'De dienst is niet bereikbaar. Er gaat niets verloren: probeer het opnieuw.',
  faultUnknown: 'Nog geen antwoord. Probeer het opnieuw; er gebeurt niets dubbel.',
  problems: {
    'too-many-requests': 'Te veel aanvragen tegelijk. Wacht even en probeer het dan opnieuw.',
    'username-not-accepted': 'Dit account kan geen app-wachtwoorden hebben. Neem contact op met de helpdesk.',
    'account-disabled':
      'Dit account is uitgeschakeld en krijgt geen app-wachtwoorden. Neem contact op met de helpdesk.',
    'creation-denied':
      'Uw organisatie staat geen nieuwe app-wachtwoorden toe. Die u al hebt, blijven werken. U kunt ze wel verwijderen.',
    'already-used': 'Dit app-wachtwoord is al in gebruik en wordt niet nog eens getoond. Maak een ander.',
    'not-found': 'Dit app-wachtwoord bestaat niet meer.',
    forbidden: 'U mag dit hier niet doen. Neem contact op met de helpdesk.',
    'insufficient-scope': 'Deze pagina mag geen app-wachtwoorden beheren. Neem contact op met de helpdesk.',
  },
  otherProblem: 'Dit is niet gelukt. Neem contact op met de helpdesk.',
  signInFailed:
    'Het aanmelden is niet gelukt. Probeer het opnieuw. Helpt dat niet, neem dan contact op met de helpdesk.',

  stepUpTitle: 'Nog één stap',
  stepUp: {
    factor: 'Meld u aan met uw tweede factor om app-wachtwoorden te beheren. Daarna gaat u hier verder.',
    age: 'U hebt zich een tijd geleden aangemeld. Meld u opnieuw aan om door te gaan. Daarna gaat u hier verder.',
    authTime: 'Meld u opnieuw aan om door te gaan. Daarna gaat u hier verder.',
  },
  continue: 'Doorgaan',
  blockedTitle: 'We konden niet bevestigen dat u het bent',
  blocked: {
    factor:
      'U hebt zich aangemeld, maar er is niet om een tweede factor gevraagd. Laat de helpdesk weten dat de aanmelding bij App-wachtwoorden om meervoudige verificatie moet vragen.',
    age: 'U hebt zich aangemeld, maar de aanmelding geldt nog steeds als te oud. Meld u overal af en weer aan. Helpt dat niet, neem dan contact op met de helpdesk.',
    authTime:
      'U hebt zich aangemeld, maar de dienst kreeg niet te horen wanneer. Neem contact op met de helpdesk.',
  },
  notAcceptedTitle: 'Deze aanmelding wordt niet geaccepteerd',
  notAccepted:
    'U hebt zich aangemeld, maar de dienst accepteert de aanmelding niet. Meld u opnieuw aan. Helpt dat niet, neem dan contact op met de helpdesk.',
  helpdeskCode: (code) => `Code voor de helpdesk: ${code}`,
  signInAgain: 'Opnieuw aanmelden',

  needTitle: 'Heb ik er een nodig?',
  need: [
    'Nee, als de app de aanmeldpagina van uw organisatie opent. Dat doen Outlook en Office sinds 2013 en de meeste mailapps op telefoons van nu.',
    'Ja, als de app of het apparaat alleen velden heeft voor een gebruikersnaam en een wachtwoord. U merkt het zo: sinds u verificatie in twee stappen gebruikt, wordt uw wachtwoord geweigerd.',
  ],
  needWhich: 'Waar maak ik het?',
  needQuestions: {
    personal: 'Gebruikt u verificatie in twee stappen met een persoonlijk Microsoft-account?',
    work: 'Gebruikt u die met een werk- of schoolaccount, voor Office 365?',
    azure: 'Gebruikt u die met een werk- of schoolaccount, voor Azure?',
    unsure: 'Weet u het niet zeker?',
  },
  needHere: 'Maak het hier',
  needElsewhere: 'Maak het op een andere pagina',
  needAfter: 'En daarna',
  needNext: {
    factor: 'Beheer uw tweede factor',
    authenticator: 'Krijg meldingen in plaats van sms’jes of telefoontjes, met de Authenticator-app',
  },

  lostLink: 'Ik ben een apparaat kwijt',
  lostTitle: 'Ik ben een apparaat kwijt, of iemand heeft een wachtwoord gezien',
  lost: [
    'Verwijder nu het app-wachtwoord van dat apparaat. Het werkt meteen niet meer; uw andere apparaten blijven werken.',
    'Weet u niet welk het was? Verwijder dan alles en maak nieuwe voor de apparaten die u nog hebt.',
  ],
  lostSignIn: 'Meld u aan om het te verwijderen',
  lostWhich: 'Welk apparaat?',
  lostFactorTitle: 'Ik ben mijn tweede factor zelf kwijt',
  lostFactor:
    'U hebt eerst een nieuwe nodig voordat u zich hier kunt aanmelden. De helpdesk kan die instellen.',
  lostFactorLink: 'Vraag een nieuwe tweede factor aan',

  admin: {
    instead: {
      neverUsedHelp: 'Er heeft zich nog geen apparaat mee aangemeld.',
      suspendedFor: {
        idle: 'Lang niet gebruikt. Alleen de persoon zelf kan het weer inschakelen.',
        account: 'Het account is uitgeschakeld.',
        administrator: 'Een beheerder heeft het gepauzeerd.',
        restored:
          'Teruggezet uit een back-up. Een beheerder kan het weer inschakelen, als de persoon het nog wil.',
      },
      by: {
        person: 'door de persoon',
        administrator: 'door een beheerder',
        directory: 'automatisch',
        operator: 'door IT',
      },
      invalid: {
        username: 'Dit kan geen gebruikersnaam zijn.',
        maximumLifetimeDays: 'Vul een geheel getal van 1 tot 3650 in, of laat het leeg.',
        idleDays: 'Vul een geheel getal van 1 tot 3650 in, of laat het leeg.',
        protocols: 'Kies minstens één protocol.',
        limit: 'Vul een geheel getal van 1 tot 40 in.',
      },
      problems: {
        'account-disabled': 'Het account is uitgeschakeld. Schakel het eerst in.',
        'not-found': 'Dit bestaat niet meer.',
        'username-not-accepted': 'Deze gebruikersnaam kan hier niet worden gebruikt.',
        forbidden:
          'Hiervoor is de app-rol AppPasswords.Admin nodig; om te kijken volstaat AppPasswords.Helpdesk. Of de directory gaat hierover.',
        'insufficient-scope':
          'Deze pagina mag geen app-wachtwoorden beheren: ze krijgt daarvoor geen scope bij de aanmelding.',
      },
      otherProblem: 'Dit is niet gelukt.',
    },

    peopleTitle: 'Personen',
    policyTitle: 'Beleid',
    reportTitle: 'Rapport',
    onlyLooking: 'U kunt hier alles bekijken, maar niets wijzigen.',

    directoryTitle: 'Directory',
    noDirectory:
      'Er is geen directory ingesteld. Accounts uitschakelen en gebruikersnamen instellen gaat met de hand.',
    directoryNever: 'De directory heeft nog niet geantwoord.',
    directoryAt: (moment) => `De directory antwoordde het laatst op ${moment}.`,
    directoryChecking: 'Iedereen wordt gecontroleerd.',
    find: 'Zoeken',
    nobody: 'Niemand heeft hier deze gebruikersnaam.',

    enabled: 'Account ingeschakeld',
    disabled: 'Account uitgeschakeld: geen app-wachtwoord werkt',
    registered: (date) => `Geregistreerd op ${date}`,
    notRegistered: 'Nog niet geregistreerd',
    disable: 'Account uitschakelen',
    enable: 'Account inschakelen',
    setUsername: 'Gebruikersnaam instellen',
    newUsername: 'Nieuwe gebruikersnaam',
    erase: 'Persoon wissen',
    notTheUsername: 'Dit is niet de gebruikersnaam van deze persoon.',
    none: 'Geen.',
    deleted: (moment) => `Verwijderd op ${moment}`,
    deletedTitle: 'Verwijderde app-wachtwoorden',
    noRefusals: 'Er is geen aanmelding geweigerd.',
    refused: (count, since) => `Sinds ${since} minstens ${times(count)} geweigerd`,
    unknown: 'Een wachtwoord dat deze persoon nooit had',
    older: (count) => plural(count, { one: '1 oudere', other: `${count} oudere` }),
    proof: (evidence) => `Gemaakt na een aanmelding met ${evidence}.`,
    authenticated: (moment) => `Aangemeld op ${moment}.`,
    suspend: 'Pauzeren',
    suspendOf: (name) => `Pauzeren: ${name}`,
    resume: 'Weer inschakelen',
    resumeOf: (name) => `Weer inschakelen: ${name}`,

    asks: {
      suspend: (name, _) => ({
        question: `Het app-wachtwoord voor ${name} pauzeren?`,
        effect: 'Het apparaat kan zich niet meer aanmelden, tot u het weer inschakelt.',
        submit: 'Pauzeren',
        done: `Het app-wachtwoord voor ${name} is gepauzeerd.`,
      }),
      resume: (name, _) => ({
        question: `Het app-wachtwoord voor ${name} weer inschakelen?`,
        effect:
          'Het apparaat kan zich er weer mee aanmelden, tenzij het ook om een andere reden is gepauzeerd.',
        submit: 'Weer inschakelen',
        done: `Het app-wachtwoord voor ${name} is weer ingeschakeld.`,
      }),
      delete: (name, _) => ({
        question: `Het app-wachtwoord voor ${name} verwijderen?`,
        effect: 'Het apparaat kan zich dan niet meer aanmelden. Dit kunt u niet ongedaan maken.',
        submit: 'Verwijderen',
        done: `Het app-wachtwoord voor ${name} is verwijderd. Het apparaat kan zich niet meer aanmelden.`,
      }),
      'delete-all': (name, count) => ({
        question: `Alle app-wachtwoorden van ${name} verwijderen?`,
        effect: plural(count, {
          one: 'Het is er 1. Het apparaat kan zich dan niet meer aanmelden. Dit kunt u niet ongedaan maken.',
          other: `Het zijn er ${count}. Al deze apparaten kunnen zich dan niet meer aanmelden. Dit kunt u niet ongedaan maken.`,
        }),
        submit: 'Alles verwijderen',
        done: `Alle app-wachtwoorden van ${name} zijn verwijderd.`,
      }),
      disable: (name, _) => ({
        question: `Het account van ${name} uitschakelen?`,
        effect:
          'Geen van de apparaten kan zich dan nog aanmelden, en er komen geen nieuwe app-wachtwoorden bij.',
        submit: 'Account uitschakelen',
        done: `Het account van ${name} is uitgeschakeld.`,
      }),
      enable: (name, _) => ({
        question: `Het account van ${name} inschakelen?`,
        effect: 'De apparaten kunnen zich dan weer aanmelden.',
        submit: 'Account inschakelen',
        done: `Het account van ${name} is ingeschakeld.`,
      }),
      username: (name, _) => ({
        question: `De gebruikersnaam van ${name} instellen?`,
        effect: 'Apparaten die de oude gebruikersnaam gebruiken, kunnen zich dan niet meer aanmelden.',
        submit: 'Gebruikersnaam instellen',
        done: 'De gebruikersnaam is ingesteld.',
      }),
      erase: (name, _) => ({
        question: `${name} wissen?`,
        effect:
          'Alle app-wachtwoorden en alle gegevens van deze persoon verdwijnen hier voorgoed. Typ de gebruikersnaam om dit te bevestigen.',
        submit: 'Persoon wissen',
        done: `${name} is gewist.`,
      }),
    },

    policy: {
      creation: 'Wie app-wachtwoorden mag maken',
      verification: 'Aanmelden met app-wachtwoorden',
      maximumLifetimeDays: 'Maximale geldigheid (dagen)',
      idleDays: 'Pauzeren na zoveel dagen zonder gebruik',
      limit: 'App-wachtwoorden per persoon',
      protocols: 'Protocollen',
    },
    policyHints: {
      creation: 'Bestaande app-wachtwoorden blijven werken.',
      verification: 'Staat dit op Geweigerd, dan kan geen apparaat zich met een app-wachtwoord aanmelden.',
      maximumLifetimeDays: 'Laat leeg voor geen maximum. Het geldt ook voor oudere app-wachtwoorden.',
      idleDays: 'Laat leeg voor nooit. De persoon kan ze weer inschakelen.',
    },
    choices: {
      creation: {
        everybody: 'Iedereen',
        'app-role': 'Personen met de app-rol AppPasswords.User',
        nobody: 'Niemand',
      },
      verification: { allowed: 'Toegestaan', denied: 'Geweigerd' },
    },
    unrestricted: { maximumLifetimeDays: 'Geen maximum', idleDays: 'Nooit', protocols: 'Alle' },
    saveAndStop: 'Opslaan, en alle apparaten stoppen',
    saved: 'Opgeslagen. Het geldt overal binnen een minuut.',
    overtaken:
      'Iemand anders heeft het beleid gewijzigd; dit is de nieuwe versie. Uw wijzigingen zijn niet opgeslagen.',

    reportHelp: 'De aantallen van alle personen. Bij veel personen duurt het even.',
    start: 'Rapport maken',
    stop: 'Stoppen',
    goOn: 'Doorgaan',
    soFar: (count) => `${people(count)} tot nu toe`,
    wholeReport: (count) => `Volledig: ${people(count)}`,
    counts: {
      people: 'Personen',
      disabledPeople: 'Personen met een uitgeschakeld account',
      peopleWithAppPasswords: 'Personen met app-wachtwoorden',
      appPasswords: 'App-wachtwoorden',
      active: 'Werken',
      suspended: 'Gepauzeerd',
      expired: 'Verlopen',
      neverUsed: 'Nooit gebruikt',
      unused30Days: 'Gebruikt, maar 30 dagen niet',
      unused90Days: 'Gebruikt, maar 90 dagen niet',
      unused365Days: 'Gebruikt, maar 365 dagen niet',
      expiringIn30Days: 'Verlopen binnen 30 dagen',
      createdWithin30Days: 'Gemaakt in de laatste 30 dagen',
      createdWithin90Days: '30 tot 90 dagen geleden gemaakt',
      createdWithin365Days: '90 tot 365 dagen geleden gemaakt',
      olderThan365Days: 'Meer dan 365 dagen geleden gemaakt',
      restricted: 'Alleen voor sommige protocollen',
      refused: 'Geweigerde app-wachtwoorden, ook verwijderde',
      refusals: 'Geweigerde aanmeldingen daarmee',
    },
    lastFor: (protocol) => `Laatst gebruikt voor ${protocol}`,
    lastUnknown: 'Laatst gebruikt voor een onbekend protocol',
  },
};
