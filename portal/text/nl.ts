import type { Text } from './en.ts';

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
  menu: 'Hulp',

  used: (count, limit) => `${count} van ${limit} app-wachtwoorden`,
  empty:
    'U hebt nog geen app-wachtwoorden. Maak er een voor elk apparaat dat geen verificatie in twee stappen kan.',
  search: 'Zoeken op naam',
  noneFound: 'Geen app-wachtwoord heeft dit in zijn naam.',
  created: (date) => `Gemaakt op ${date}`,
  lastUsed: (date, protocol) =>
    protocol === null
      ? `Laatst gebruikt op ${date}`
      : `Laatst gebruikt op ${date} (${protocol.toUpperCase()})`,
  neverUsed: 'Nog niet gebruikt',
  suspended: 'Opgeschort: het werkt op dit moment niet',
  expired: 'Verlopen: het werkt niet meer',
  rename: 'Naam wijzigen',
  renameOf: (name) => `Naam van ${name} wijzigen`,
  delete: 'Verwijderen',
  deleteOf: (name) => `${name} verwijderen`,
  deleteAll: 'Alles verwijderen',
  unusedFirst: 'Wat ongebruikt lijkt, staat bovenaan.',
  limitReached: (limit) =>
    `U hebt ${limit} app-wachtwoorden, en meer kan niet. Verwijder er een dat u niet meer nodig hebt en maak dan het nieuwe.`,

  create: 'Maken',
  createTitle: 'Nieuw app-wachtwoord',
  name: 'Naam',
  nameHint: 'Noem het apparaat, bijvoorbeeld “iPhone”. Eén app-wachtwoord dient voor alle apps daarop.',
  nameInvalid: 'Gebruik 1 tot 64 tekens, en geen onzichtbare.',
  suggestions: ['iPhone', 'Android-telefoon', 'Laptop', 'Scanner'],
  next: 'Volgende',
  password: 'Uw app-wachtwoord',
  firstPassword: 'Uw eerste app-wachtwoord',
  passwordIntro: (name) => `Typ dit waar ${name} om uw wachtwoord vraagt:`,
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

  save: 'Opslaan',
  deleteQuestion: (name) => `Het app-wachtwoord voor ${name} verwijderen?`,
  deleteEffect: 'Het apparaat kan zich dan niet meer aanmelden.',
  deleteAllQuestion: (count) => `Alle ${count} app-wachtwoorden verwijderen?`,
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
    'username-not-accepted': 'Dit account kan geen app-wachtwoorden hebben. Vraag het uw beheerder.',
    'account-disabled':
      'Dit account is uitgeschakeld en krijgt geen app-wachtwoorden. Vraag het uw beheerder.',
    'already-used':
      'Dit app-wachtwoord is al in gebruik en wordt daarom niet opnieuw gemaakt. Maak een ander.',
    'not-found': 'Dit app-wachtwoord is er niet meer.',
    forbidden: 'U mag dit hier niet doen. Vraag het uw beheerder.',
    'insufficient-scope': 'Deze pagina mag geen app-wachtwoorden beheren. Vraag het uw beheerder.',
  },
  otherProblem: 'Dit is niet gelukt. Vraag het uw beheerder.',
  signInFailed: 'Het aanmelden lukte niet. Probeer het opnieuw; helpt dat niet, vraag het dan uw beheerder.',

  stepUpTitle: 'Nog één stap',
  stepUpFactor:
    'Meld u aan met uw tweede factor om app-wachtwoorden te beheren. U komt terug waar u nu bent.',
  stepUpAge:
    'U hebt zich een tijd geleden aangemeld. Meld u opnieuw aan om een app-wachtwoord te maken. U komt terug waar u nu bent.',
  continue: 'Doorgaan',
  blockedTitle: 'Deze aanmelding is niet genoeg',
  blockedFactor:
    'U bent aangemeld, maar er is niet om een tweede factor gevraagd. Uw organisatie moet daarom vragen: zeg uw beheerder dat de aanmelding bij App-wachtwoorden meervoudige verificatie nodig heeft.',
  blockedAge:
    'U bent aangemeld, maar de aanmelding geldt nog steeds als te oud. Meld u overal af en weer aan; helpt dat niet, zeg dan uw beheerder dat de aanmelding bij App-wachtwoorden max_age negeert.',
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
