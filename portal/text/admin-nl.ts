import type { AdminText } from './admin-en.ts';
import { pluralOf } from './plural.ts';

const plural = pluralOf('nl');
const people = (count: number) => plural(count, { one: '1 persoon', other: `${count} personen` });

export const adminNl: AdminText = {
  instead: {
    suspendedFor: {
      idle: 'Het is lang niet gebruikt. Alleen de persoon kan het weer gaan gebruiken.',
      account: 'Het account is uitgeschakeld.',
      administrator: 'Een beheerder heeft het opgeschort.',
      restored:
        'Het is teruggekomen uit een back-up. Een beheerder kan het hervatten, als de persoon het nog wil.',
    },
    by: {
      person: 'de persoon',
      administrator: 'een beheerder',
      directory: 'de directory',
      operator: 'een operator',
    },
    invalid: {
      username: 'Dit kan geen gebruikersnaam zijn.',
      maximumLifetimeDays: 'Gebruik een geheel getal van 1 tot 3650, of laat het leeg.',
      idleDays: 'Gebruik een geheel getal van 1 tot 3650, of laat het leeg.',
      protocols: 'Kies ten minste één protocol.',
      limit: 'Gebruik een geheel getal van 1 tot 40.',
    },
    problems: {
      'account-disabled': 'Het account is uitgeschakeld. Schakel het eerst in.',
      'not-found': 'Dit is er niet meer.',
      'username-not-accepted': 'Deze gebruikersnaam kan hier niet worden gebruikt.',
      forbidden:
        'Dit vraagt de app-rol AppPasswords.Admin (om te kijken volstaat AppPasswords.Helpdesk), of de directory gaat erover.',
      'insufficient-scope':
        'Deze pagina mag geen app-wachtwoorden beheren: de aanmelding geeft haar die scope niet.',
    },
    otherProblem: 'Dit is niet gelukt.',
  },

  peopleTitle: 'Personen',
  policyTitle: 'Beleid',
  reportTitle: 'Rapport',
  onlyLooking: 'U kunt hier alles bekijken en niets wijzigen.',

  directoryTitle: 'Directory',
  noDirectory:
    'Er is geen directory ingesteld; accounts uitschakelen en gebruikersnamen instellen gaat met de hand.',
  directoryNever: 'De directory heeft nog niet geantwoord.',
  directoryAt: (moment) => `De directory antwoordde het laatst op ${moment}.`,
  directoryChecking: 'Iedereen wordt nagekeken.',
  find: 'Zoeken',
  nobody: 'Niemand hier heeft deze gebruikersnaam.',

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
  refused: (count, since) =>
    `Sinds ${since} minstens ${plural(count, { one: 'één keer', other: `${count} keer` })} geweigerd`,
  unknown: 'Een wachtwoord dat deze persoon nooit had',
  older: (count) => `${count} oudere`,
  proof: (evidence) => `Gemaakt met ${evidence}.`,
  authenticated: (moment) => `Aangemeld op ${moment}.`,
  suspend: 'Opschorten',
  suspendOf: (name) => `${name} opschorten`,
  resume: 'Hervatten',
  resumeOf: (name) => `${name} hervatten`,

  asks: {
    suspend: (name, _) => ({
      question: `Het app-wachtwoord voor ${name} opschorten?`,
      effect: 'Het apparaat kan zich niet meer aanmelden, tot u het hervat.',
      submit: 'Opschorten',
      done: `Het app-wachtwoord voor ${name} is opgeschort.`,
    }),
    resume: (name, _) => ({
      question: `Het app-wachtwoord voor ${name} hervatten?`,
      effect:
        'Het apparaat kan zich er weer mee aanmelden, tenzij het ook om een andere reden is opgeschort.',
      submit: 'Hervatten',
      done: `Het app-wachtwoord voor ${name} is hervat.`,
    }),
    delete: (name, _) => ({
      question: `Het app-wachtwoord voor ${name} verwijderen?`,
      effect: 'Het apparaat kan zich dan niet meer aanmelden. Dit kan niet ongedaan worden gemaakt.',
      submit: 'Verwijderen',
      done: `Het app-wachtwoord voor ${name} is verwijderd. Het apparaat kan zich niet meer aanmelden.`,
    }),
    'delete-all': (name, count) => ({
      question: `Alle app-wachtwoorden van ${name} verwijderen?`,
      effect: plural(count, {
        one: 'Het is er 1. Het apparaat kan zich dan niet meer aanmelden. Dit kan niet ongedaan worden gemaakt.',
        other: `Het zijn er ${count}. Al deze apparaten kunnen zich dan niet meer aanmelden. Dit kan niet ongedaan worden gemaakt.`,
      }),
      submit: 'Alles verwijderen',
      done: `Alle app-wachtwoorden van ${name} zijn verwijderd.`,
    }),
    disable: (name, _) => ({
      question: `Het account van ${name} uitschakelen?`,
      effect:
        'Al hun apparaten kunnen zich dan niet meer aanmelden, en ze krijgen geen nieuwe app-wachtwoorden.',
      submit: 'Account uitschakelen',
      done: `Het account van ${name} is uitgeschakeld.`,
    }),
    enable: (name, _) => ({
      question: `Het account van ${name} inschakelen?`,
      effect: 'Hun apparaten kunnen zich weer aanmelden.',
      submit: 'Account inschakelen',
      done: `Het account van ${name} is ingeschakeld.`,
    }),
    username: (name, _) => ({
      question: `De gebruikersnaam van ${name} instellen?`,
      effect: 'Apparaten die zich met de oude gebruikersnaam aanmelden, kunnen dat dan niet meer.',
      submit: 'Gebruikersnaam instellen',
      done: 'De gebruikersnaam is ingesteld.',
    }),
    erase: (name, _) => ({
      question: `${name} wissen?`,
      effect:
        'Alle app-wachtwoorden van deze persoon en alles wat hier over deze persoon bekend is, verdwijnt en komt niet terug. Typ de gebruikersnaam ter bevestiging.',
      submit: 'Persoon wissen',
      done: `${name} is gewist.`,
    }),
  },

  policy: {
    creation: 'Wie app-wachtwoorden mag maken',
    verification: 'Aanmelden met app-wachtwoorden',
    maximumLifetimeDays: 'Langste levensduur, in dagen',
    idleDays: 'Opschorten na zoveel dagen zonder gebruik',
    limit: 'App-wachtwoorden per persoon',
    protocols: 'Protocollen',
  },
  policyHints: {
    creation: 'Bestaande app-wachtwoorden blijven werken.',
    verification: 'Is het geweigerd, dan kan geen apparaat zich met een app-wachtwoord aanmelden.',
    maximumLifetimeDays: 'Leeg voor geen maximum. Het beëindigt ook oudere app-wachtwoorden.',
    idleDays: 'Leeg voor nooit. De persoon kan ze weer gaan gebruiken.',
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
  overtaken: 'Iemand anders heeft het tussendoor gewijzigd; dit is het nu.',

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
    active: 'Actief',
    suspended: 'Opgeschort',
    expired: 'Verlopen',
    neverUsed: 'Nooit gebruikt',
    unused30Days: 'Gebruikt, maar 30 dagen niet',
    unused90Days: 'Gebruikt, maar 90 dagen niet',
    unused365Days: 'Gebruikt, maar 365 dagen niet',
    expiringIn30Days: 'Eindigt binnen 30 dagen',
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
};
