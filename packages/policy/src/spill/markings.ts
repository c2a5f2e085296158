import type { Caveat, Classification } from '@entente/schema'

/** Words that say how text must be handled, and what label they need to stand under. */
export interface MarkingWord {
  readonly pattern: RegExp
  readonly needs: Classification | Caveat
}

const words = (needs: MarkingWord['needs'], ...forms: readonly string[]): MarkingWord => ({
  needs,
  pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${forms.join('|')})(?![\\p{L}\\p{N}])`, 'gu'),
})
/** A portion mark stands at the beginning of a line: elsewhere `(S)` is a plural. */
const portion = (needs: MarkingWord['needs'], form: string): MarkingWord => ({
  needs,
  pattern: new RegExp(`^[ \\t]*\\(${form}\\)`, 'gmu'),
})
const rest = '(?://[A-Z0-9 ,/-]{1,80})?'

/**
 * Highest first: of two words at one place the first counts. Only capitals: in small letters most are ordinary words.
 * @see ODNI Register and Manual 2016 (portion marks); Council Decision 2013/488/EU, Appendix B (national words)
 */
export const markingWords: readonly MarkingWord[] = [
  words(
    'TOP SECRET',
    'COSMIC TOP SECRET',
    'TOP SECRET',
    'STRENG GEHEIM',
    'STRENGT HEMMELIG',
    'TR[EÈ]S SECRET',
    'SEGRETISSIMO',
    'SECRETO',
    'ZEER GEHEIM',
  ),
  words('SECRET', 'NATO SECRET', 'SECRET', 'GEHEIM', 'HEMMELIG', 'SEGRETO', 'RESERVADO'),
  words(
    'CONFIDENTIAL',
    'NATO CONFIDENTIAL',
    'CONFIDENTIAL',
    'CONFIDENTIEL',
    'VS-VERTRAULICH',
    'KONFIDENSIELT',
    'RISERVATISSIMO',
  ),
  words(
    'RESTRICTED',
    'NATO RESTRICTED',
    'RESTRICTED',
    'DIFFUSION RESTREINTE',
    'VS-NUR F[ÜU]R DEN DIENSTGEBRAUCH',
    'BEGRENSET',
    'RISERVATO',
    'OFFICIAL[ :-]+SENSITIVE',
    'PROTECTED [AB]',
    'FOR OFFICIAL USE ONLY',
    'FOUO',
    'CUI(?=//| |$)',
    'CONTROLLED UNCLASSIFIED INFORMATION',
  ),
  portion('TOP SECRET', `(?:TS|CTS)${rest}`),
  portion('SECRET', `(?:S|NS)${rest}`),
  portion('CONFIDENTIAL', `(?:C|NC)${rest}`),
  portion('RESTRICTED', `(?:R|NR|CUI|FOUO)${rest}`),
  words('NOFORN', 'NOFORN', 'NOT RELEASABLE TO FOREIGN NATIONALS', '(?<=//)NF'),
  words('ORCON', 'ORCON', 'ORIGINATOR CONTROLLED', '(?<=//)OC'),
  words(
    'COMMERCIAL',
    'COMMERCIAL[ -]IN[ -]CONFIDENCE',
    'COMPANY PROPRIETARY',
    'PROPRIETARY INFORMATION',
    'PROPIN',
  ),
]
