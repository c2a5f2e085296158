/**
 * Words of US markings: mark in a portion, mark in a banner, title. The order is that of the banner.
 * @see ODNI, Intelligence Community Markings System Register and Manual, 31 December 2016
 */
interface Word {
  readonly banner: string
  readonly title?: string
}

/** Dissemination controls, by portion mark; those with a list of nations are read apart. */
export const controls = {
  RS: { banner: 'RSEN', title: 'RISK SENSITIVE' },
  FOUO: { banner: 'FOUO', title: 'FOR OFFICIAL USE ONLY' },
  OC: { banner: 'ORCON', title: 'ORIGINATOR CONTROLLED' },
  'OC-USGOV': { banner: 'ORCON-USGOV', title: 'ORIGINATOR CONTROLLED-USGOV' },
  IMC: { banner: 'IMCON', title: 'CONTROLLED IMAGERY' },
  NF: { banner: 'NOFORN', title: 'NOT RELEASABLE TO FOREIGN NATIONALS' },
  PR: { banner: 'PROPIN', title: 'CAUTION-PROPRIETARY INFORMATION INVOLVED' },
  RELIDO: { banner: 'RELIDO', title: 'RELEASABLE BY INFORMATION DISCLOSURE OFFICIAL' },
  DSEN: { banner: 'DEA SENSITIVE' },
  FISA: { banner: 'FISA', title: 'FOREIGN INTELLIGENCE SURVEILLANCE ACT' },
} as const satisfies Record<string, Word>
export type Control = keyof typeof controls

/** Controls of others than the intelligence community. */
export const nonIcControls = {
  DS: { banner: 'LIMDIS', title: 'LIMITED DISTRIBUTION' },
  XD: { banner: 'EXDIS', title: 'EXCLUSIVE DISTRIBUTION' },
  ND: { banner: 'NODIS', title: 'NO DISTRIBUTION' },
  SBU: { banner: 'SBU', title: 'SENSITIVE BUT UNCLASSIFIED' },
  'SBU-NF': { banner: 'SBU NOFORN', title: 'SENSITIVE BUT UNCLASSIFIED NOFORN' },
  LES: { banner: 'LES', title: 'LAW ENFORCEMENT SENSITIVE' },
  'LES-NF': { banner: 'LES NOFORN', title: 'LAW ENFORCEMENT SENSITIVE NOFORN' },
  SSI: { banner: 'SSI', title: 'SENSITIVE SECURITY INFORMATION' },
} as const satisfies Record<string, Word>
export type NonIcControl = keyof typeof nonIcControls

/** Atomic Energy Act controls, the stronger first, and NATO's ATOMAL, which stands in their place. */
export const atomicControls = {
  RD: { banner: 'RD', title: 'RESTRICTED DATA' },
  FRD: { banner: 'FRD', title: 'FORMERLY RESTRICTED DATA' },
  DCNI: { banner: 'DOD UCNI', title: 'DOD UNCLASSIFIED CONTROLLED NUCLEAR INFORMATION' },
  UCNI: { banner: 'DOE UCNI', title: 'DOE UNCLASSIFIED CONTROLLED NUCLEAR INFORMATION' },
  TFNI: { banner: 'TFNI', title: 'TRANSCLASSIFIED FOREIGN NUCLEAR INFORMATION' },
  ATOMAL: { banner: 'ATOMAL' },
} as const satisfies Record<string, Word>

/** Published control systems, and NATO's BOHEMIA, which stands in their place. */
export const controlSystems = {
  BOHEMIA: { banner: 'BOHEMIA' },
  HCS: { banner: 'HCS' },
  RSV: { banner: 'RSV', title: 'RESERVE' },
  SI: { banner: 'SI', title: 'SPECIAL INTELLIGENCE' },
  TK: { banner: 'TK', title: 'TALENT KEYHOLE' },
} as const satisfies Record<string, Word>

/** Compartments that a banner may spell out. */
export const compartments: ReadonlyMap<string, string> = new Map([
  ['GAMMA', 'G'],
  ['ECRU', 'EU'],
  ['NONBOOK', 'NK'],
  ['SIGMA', 'SG'],
])

/** Levels by portion mark, lowest first. R is only others'. */
export const usLevels = {
  U: { banner: 'UNCLASSIFIED' },
  R: { banner: 'RESTRICTED' },
  C: { banner: 'CONFIDENTIAL' },
  S: { banner: 'SECRET' },
  TS: { banner: 'TOP SECRET' },
} as const satisfies Record<string, Word>
export type UsLevel = keyof typeof usLevels

/** NATO's levels by portion mark. */
export const natoLevels = {
  NU: { banner: 'NATO UNCLASSIFIED', level: 'U' },
  NR: { banner: 'NATO RESTRICTED', level: 'R' },
  NC: { banner: 'NATO CONFIDENTIAL', level: 'C' },
  NS: { banner: 'NATO SECRET', level: 'S' },
  CTS: { banner: 'COSMIC TOP SECRET', level: 'TS' },
} as const satisfies Record<string, Word & { level: UsLevel }>

/** The only groups by which a release list may be expanded. @see the manual, section D.2, table 3, rule 23 */
export const expandable: ReadonlyMap<string, readonly string[]> = new Map([
  ['ACGU', ['AUS', 'CAN', 'GBR', 'USA']],
  ['FVEY', ['AUS', 'CAN', 'GBR', 'NZL', 'USA']],
  ['TEYE', ['AUS', 'GBR', 'USA']],
])

/** Portion mark of a word, however it is written; null: it is none of these. */
export function markOf<Mark extends string>(
  table: Readonly<Record<Mark, Word>>,
  text: string,
): Mark | null {
  for (const mark in table)
    if (text === mark || text === table[mark].banner || text === table[mark].title) return mark
  return null
}
