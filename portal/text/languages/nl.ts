import { pluralOf } from '../plural.ts';
import type { Text } from './en.ts';

const plural = pluralOf('nl');
const appPasswords = (count: number) =>
  plural(count, { one: '1 app-wachtwoord', other: `${count} app-wachtwoorden` });
const times = (count: number) => plural(count, { one: 'één keer', other: `${count} keer` });

export const nl: Text = {
  title: 'App-wachtwoorden',
  intro:
    'Sommige mail-apps, agenda’s en scanners kunnen geen verificatie in twee stappen. Elk daarvan meldt zich aan met een eigen app-wachtwoord.',
  signIn: 'Aanmelden',
  signOut: 'Afmelden',
  signedInAs: (name) => `Aangemeld als ${name}`,
  otherLanguage: 'English',
  loading: 'Een ogenblik …',
  tryAgain: 'Opnieuw proberen',
  close: 'Sluiten',
  cancel: 'Annuleren',
  back: 'Terug naar de lijst',
  home: 'Terug',
  menu: 'Meer',

  used: (count, limit) => `${count} van ${appPasswords(limit)}`,
  empty:
    'U hebt nog geen app-wachtwoorden. Maak er een voor elk apparaat dat geen verificatie in twee stappen kan.',
  search: 'Zoeken op naam',
  noneFound: 'Geen app-wachtwoord heeft dit in zijn naam.',
  created: (date) => `Gemaakt op ${date}`,
  worksUntil: (moment) => `Werkt tot ${moment}`,
  expiredOn: (moment) => `Verlopen op ${moment}`,
  forNone: 'Uw organisatie staat niet meer toe waarvoor het is gemaakt, dus het werkt niet',
  onlyFor: (protocols) => `Alleen voor ${protocols}`,
  lastUsed: (moment, origin) => `Laatst gebruikt op ${moment} (${origin})`,
  gateway: (name) => `gateway ${name}`,
  neverUsed: 'Nog niet gebruikt',
  suspended: 'Opgeschort: het werkt op dit moment niet',
  suspendedFor: {
    idle: 'Het is lang niet gebruikt.',
    account: 'Uw account is uitgeschakeld. Vraag het uw beheerder.',
    administrator: 'Uw beheerder heeft het opgeschort. Vraag ernaar.',
    restored:
      'Het is teruggekomen uit een back-up. Verwijder het als u het niet meer nodig hebt; vraag het anders uw beheerder.',
  },
  revive: 'Weer gebruiken',
  reviveOf: (name) => `${name} weer gebruiken`,
  reviveQuestion: (name) => `Het app-wachtwoord voor ${name} weer gebruiken?`,
  reviveEffect: 'Het apparaat kan zich er dan weer mee aanmelden.',
  revived: (name) => `Het app-wachtwoord voor ${name} werkt weer.`,
  stillUsed: (name, others) =>
    others === 0
      ? `Een apparaat gebruikt “${name}” nog, en is geweigerd`
      : `Apparaten gebruiken “${name}” en ${others} andere nog, en zijn geweigerd`,
  rename: 'Naam wijzigen',
  renameOf: (name) => `Naam van ${name} wijzigen`,
  delete: 'Verwijderen',
  deleteOf: (name) => `${name} verwijderen`,
  deleteAll: 'Alles verwijderen',
  unusedFirst: 'Wat ongebruikt lijkt, staat bovenaan.',
  limitReached: (limit) =>
    `U hebt ${appPasswords(limit)}, en meer kan niet. Verwijder er een dat u niet meer nodig hebt en maak dan het nieuwe.`,

  create: 'Maken',
  createTitle: 'Nieuw app-wachtwoord',
  name: 'Naam',
  nameHint: 'Noem het apparaat, bijvoorbeeld “iPhone”. Eén app-wachtwoord dient voor alle apps daarop.',
  invalid: {
    name: 'Gebruik 1 tot 64 tekens, en geen onzichtbare.',
    expiresAt: 'Dan kan het niet eindigen. Kies een ander moment onder “Meer keuzes”.',
    protocols: 'Kies er ten minste een, en alleen wat uw organisatie toestaat.',
  },
  suggestions: ['iPhone', 'Android-telefoon', 'Laptop', 'Scanner'],
  moreOptions: 'Meer keuzes',
  lifetime: 'Werkt tot',
  noExpiry: 'U het verwijdert',
  atMostUntil: (date) => `Hooguit tot ${date}`,
  lifetimes: [
    { days: 30, words: 'Over 30 dagen' },
    { days: 90, words: 'Over 90 dagen' },
    { days: 365, words: 'Over 1 jaar' },
  ],
  protocolsFor: 'Werkt voor',
  next: 'Volgende',
  password: 'Uw app-wachtwoord',
  firstPassword: 'Uw eerste app-wachtwoord',
  passwordIntro: (name) => `Typ dit waar ${name} om uw wachtwoord vraagt, met of zonder de streepjes:`,
  copy: 'Kopiëren',
  copied: 'Gekopieerd',
  copyFailed: 'Kopiëren lukte niet. Selecteer het en kopieer het zelf.',
  once: 'Het wordt alleen deze keer getoond. U kunt altijd een ander maken.',
  settings: 'Voor het apparaat',
  username: 'Gebruikersnaam',
  neverAsked: 'Niemand vraagt u ooit om een app-wachtwoord: de helpdesk niet, en uw beheerder ook niet.',
  closeUncopied: 'U hebt het niet gekopieerd, en het wordt niet nog eens getoond. Toch sluiten?',
  closeAnyway: 'Toch sluiten',
  keepOpen: 'Teruggaan',

  activityTitle: 'Activiteit',
  refusalsTitle: 'Geweigerde aanmeldingen',
  refusalsHelp:
    'Een apparaat heeft deze app-wachtwoorden nog. Geef het er een dat werkt, of verwijder het account van het apparaat.',
  noRefusals: 'Geen van uw app-wachtwoorden is geweigerd.',
  states: { active: 'actief', suspended: 'opgeschort', expired: 'verlopen', deleted: 'verwijderd' },
  deletedOn: (date) => `verwijderd op ${date}`,
  refused: (name, state, count, since) =>
    `“${name}”, ${state}, sinds ${since} minstens ${times(count)} geprobeerd`,
  lastRefused: (moment, origin) => `Laatst op ${moment}, ${origin}.`,
  reasons: {
    'former-username': 'Het is geprobeerd met een vroegere gebruikersnaam. Typ de nieuwe in het apparaat.',
    'unknown-app-password': 'Dit app-wachtwoord is niet bekend.',
    deleted: 'Het is verwijderd.',
    expired: 'Het was verlopen.',
    suspended: 'Het was opgeschort.',
    'wrong-protocol': 'Het is niet voor dit protocol.',
    'verification-denied': 'De organisatie stond geen aanmelding met app-wachtwoorden toe.',
  },
  otherReason: 'Het werd om een andere reden geweigerd.',
  changesTitle: 'Wijzigingen',
  noChanges: 'Er is nog niets gewijzigd.',
  quote: (name) => `“${name}”`,
  several: (count) => (count === null ? 'App-wachtwoorden' : appPasswords(count)),
  changes: {
    created: (subject) => `${subject} gemaakt`,
    renamed: (subject) => `Naam van ${subject} gewijzigd`,
    deleted: (subject) => `${subject} verwijderd`,
    'deleted-all': (subject) => `Alles verwijderd: ${subject}`,
    revived: (subject) => `${subject} weer in gebruik`,
    suspended: (subject) => `${subject} opgeschort`,
    resumed: (subject) => `${subject} hervat`,
    restored: (subject) => `Terug uit een back-up: ${subject}`,
    'account-disabled': (_) => 'Account uitgeschakeld',
    'account-enabled': (_) => 'Account ingeschakeld',
    'account-deleted': (_) => 'Account verwijderd',
    'username-changed': (_) => 'Gebruikersnaam gewijzigd',
  },
  otherChange: 'Er is iets anders gewijzigd',
  changed: (moment, by) => `${moment}, door ${by}`,
  by: { person: 'u', administrator: 'een beheerder', directory: 'de directory', operator: 'een operator' },
  somebodyElse: 'iemand anders',

  adminTitle: 'Beheer',

  save: 'Opslaan',
  deleteQuestion: (name) => `Het app-wachtwoord voor ${name} verwijderen?`,
  deleteEffect: 'Het apparaat kan zich dan niet meer aanmelden.',
  deleteAllQuestion: (count) => `Alle ${appPasswords(count)} verwijderen?`,
  deleteAllEffect: 'Al deze apparaten kunnen zich dan niet meer aanmelden.',
  yes: 'Ja',
  deleted: (name) =>
    `Het app-wachtwoord voor ${name} is verwijderd. Het apparaat kan zich niet meer aanmelden.`,
  deletedAll: 'Al uw app-wachtwoorden zijn verwijderd.',

  offline: 'U bent offline. Er is niets verloren: probeer het opnieuw als u verbinding hebt.',
  fault: 'De dienst was niet bereikbaar. Er is niets verloren: probeer het opnieuw.',
  faultUnknown:
    'Er kwam geen antwoord, dus misschien is het gedaan en misschien niet. Probeer het opnieuw: het wordt niet twee keer gedaan.',
  problems: {
    'too-many-requests': 'Te veel aanvragen tegelijk. Wacht even en probeer het dan opnieuw.',
    'username-not-accepted': 'Dit account kan geen app-wachtwoorden hebben. Vraag het uw beheerder.',
    'account-disabled':
      'Dit account is uitgeschakeld en krijgt geen app-wachtwoorden. Vraag het uw beheerder.',
    'creation-denied':
      'Uw organisatie staat geen nieuwe app-wachtwoorden toe. Die u hebt, blijven werken, en u kunt ze verwijderen.',
    'already-used':
      'Dit app-wachtwoord is al in gebruik en wordt daarom niet opnieuw gemaakt. Maak een ander.',
    'not-found': 'Dit app-wachtwoord is er niet meer.',
    forbidden: 'U mag dit hier niet doen. Vraag het uw beheerder.',
    'insufficient-scope': 'Deze pagina mag geen app-wachtwoorden beheren. Vraag het uw beheerder.',
  },
  otherProblem: 'Dit is niet gelukt. Vraag het uw beheerder.',
  signInFailed: 'Het aanmelden lukte niet. Probeer het opnieuw; helpt dat niet, vraag het dan uw beheerder.',

  stepUpTitle: 'Nog één stap',
  stepUp: {
    factor: 'Meld u aan met uw tweede factor om app-wachtwoorden te beheren. U komt terug waar u nu bent.',
    age: 'U hebt zich een tijd geleden aangemeld. Meld u opnieuw aan om door te gaan. U komt terug waar u nu bent.',
    authTime: 'Meld u opnieuw aan om door te gaan. U komt terug waar u nu bent.',
  },
  continue: 'Doorgaan',
  blockedTitle: 'Deze aanmelding is niet genoeg',
  blocked: {
    factor:
      'U bent aangemeld, maar er is niet om een tweede factor gevraagd. Uw organisatie moet daarom vragen: zeg uw beheerder dat de aanmelding bij App-wachtwoorden meervoudige verificatie nodig heeft.',
    age: 'U bent aangemeld, maar de aanmelding geldt nog steeds als te oud. Meld u overal af en weer aan; helpt dat niet, vraag het dan aan de helpdesk.',
    authTime:
      'U bent aangemeld, maar de dienst krijgt niet door wanneer, en kan dus niet zien dat het zojuist was. Vraag het aan de helpdesk.',
  },
  notAcceptedTitle: 'Deze aanmelding wordt niet geaccepteerd',
  notAccepted:
    'U bent aangemeld, maar de dienst accepteert de aanmelding niet. Meld u opnieuw aan; helpt dat niet, vraag het dan aan de helpdesk.',
  helpdeskCode: (code) => `Code voor de helpdesk: ${code}`,
  signInAgain: 'Opnieuw aanmelden',

  needTitle: 'Heb ik er een nodig?',
  need: [
    'Een app die de aanmeldpagina van uw organisatie opent, heeft geen app-wachtwoord nodig: Office en Outlook sinds 2013, en de meeste mail-apps op telefoons van nu.',
    'U hebt er een nodig voor een app of apparaat met alleen velden voor gebruikersnaam en wachtwoord, dat zegt dat dat van u fout is sinds u verificatie in twee stappen hebt.',
  ],
  needWhich: 'Om welk account gaat het?',
  needChoices: [
    {
      question: 'Een persoonlijk account (outlook.com, hotmail.com)',
      answer: 'Maak het op de pagina van Microsoft',
      link: 'personal',
    },
    {
      question: 'Een werk- of schoolaccount voor Office 365',
      answer: 'Maak het op de beveiligingspagina daarvan',
      link: 'work',
    },
    { question: 'Een account van Azure, of ik weet het niet', answer: 'Maak het hier', link: 'here' },
  ],
  needAfter: 'En dan',
  needNext: [
    { answer: 'Beheer uw tweede factor', link: 'factor' },
    {
      answer: 'Krijg meldingen in plaats van sms of telefoontjes, met de Authenticator-app',
      link: 'authenticator',
    },
  ],

  lostTitle: 'Ik ben een apparaat kwijt, of iemand zag een wachtwoord',
  lost: [
    'Verwijder nu het app-wachtwoord van dat apparaat. Het werkt meteen niet meer, en uw andere apparaten gaan door.',
    'Weet u niet welk het was, verwijder dan alles en maak nieuwe voor de apparaten die u nog hebt.',
    'Bent u uw tweede factor zelf kwijt, zeg het dan uw beheerder: alleen die kan een nieuwe instellen.',
  ],
};
