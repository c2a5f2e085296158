/** A group of nations as a template begins with it: who is in it, and since which day. */
interface Coalition {
  readonly about: string
  readonly group: string
  readonly members: Readonly<Record<string, string>>
  /** Where the members and dates are from. */
  readonly source: string
}

const treatyOf1949 = 'BEL CAN DNK FRA GBR ISL ITA LUX NLD NOR PRT USA'.split(' ')

/** Coalitions whose members are facts; a bilateral policy names its own. */
export const coalitions = {
  aukus: {
    about: 'AUKUS: production data up to SECRET, costs in bands, contacts by an officer.',
    group: 'AUKUS',
    members: { AUS: '2021-09-15', GBR: '2021-09-15', USA: '2021-09-15' },
    source: 'joint leaders’ statement on AUKUS, 15 September 2021',
  },
  'five-eyes': {
    about: 'Five Eyes: exact up to CONFIDENTIAL, of SECRET records what they are.',
    group: 'FVEY',
    members: {
      AUS: '1956-01-01',
      CAN: '1948-01-01',
      GBR: '1946-03-05',
      NZL: '1956-01-01',
      USA: '1946-03-05',
    },
    source: 'UKUSA agreement of 5 March 1946; others by year (UK National Archives, HW 80)',
  },
  nato: {
    about: 'NATO: what is open exactly, RESTRICTED in part, rates in bands.',
    group: 'NATO',
    members: {
      ...Object.fromEntries(treatyOf1949.map((nation) => [nation, '1949-08-24'])),
      GRC: '1952-02-18',
      TUR: '1952-02-18',
      DEU: '1955-05-06',
      ESP: '1982-05-30',
      CZE: '1999-03-12',
      HUN: '1999-03-12',
      POL: '1999-03-12',
      BGR: '2004-03-29',
      EST: '2004-03-29',
      LTU: '2004-03-29',
      LVA: '2004-03-29',
      ROU: '2004-03-29',
      SVK: '2004-03-29',
      SVN: '2004-03-29',
      ALB: '2009-04-01',
      HRV: '2009-04-01',
      MNE: '2017-06-05',
      MKD: '2020-03-27',
      FIN: '2023-04-04',
      SWE: '2024-03-07',
    },
    source: 'North Atlantic Treaty, entry into force and accessions (nato.int)',
  },
} as const satisfies Record<string, Coalition>

export const templateNames = ['aukus', 'nato', 'five-eyes', 'bilateral'] as const
export type TemplateName = (typeof templateNames)[number]
