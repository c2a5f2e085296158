/** Words with which a text begins that names nobody, whatever follows. */
const words = [
  'TB ?[ADCS]C?\\d*',
  'T\\. ?B\\. ?[ADCS]\\.?',
  'U?N{1,2}K[NO]*WN\\d*',
  'UNK',
  'UNDETERMINED',
  'VARI?OUS',
  'VARIOIUS',
  'VARIES',
  'MUL?TIPLE',
  'N/A',
  'TO BE (?:SE?LECTED|DETERMINED|COMPETED|ANNOUNCED|DEFINED|SPECIFIED|CONFIRMED|AWARDED)',
  'NOT (?:YET )?(?:SPECIFIED|APPLICABLE|KNOWN|GIVEN|AVAILABLE|SELECTED|DETERMINED|AWARDED)',
  'SEE END ITEM',
  'CLASSIFIED MANUFACTURER',
]

/** Texts that name nobody only when nothing else stands there. */
const whole = [
  'NA',
  'N\\. ?A\\.?',
  'NONE(?: GIVEN| SELECTED| SPECIFIED)?',
  'NO (?:SUPPLIER|VENDOR|MANUFACTURER|MAKER|CONTRACTOR)',
  'NIL',
  'OTHER',
  'VAR',
  'PENDING(?: (?:CONTRACT )?AWARD| SELECTION)?',
  'BLANK\\)',
  'COMPETITIVE',
  '(?:DETAILS )?CLASSIFIED',
  'X{1,3}',
  '',
]

/** Neither a letter nor a digit of any script. */
const mark = '[^\\p{L}\\p{N}]'

/** What a maker or place is called before it has a name: `New MFG - Name`, `Manufacturer TBD`, `New Contract - TBD - FY16`. */
const roles =
  '(?:(?:NEW|MFG|MANUFACTURER|VENDOR|SUPPLIER|CONTRACT|CONTRACTOR|SOURCE SELECTION|LOC|LOCATION)[ /-]*)+(?:NAME|LOC|TB[ADCS])(?: - FY\\d+)?'

const leadingMarks = new RegExp(`^${mark}+`, 'u')
const placeholder = new RegExp(
  `^(?:(?:${words.join('|')})(?![\\p{L}\\p{N}])|(?:${whole.join('|')}|${roles})${mark}*$)`,
  'u',
)

/** Characters that nobody sees. */
const zeroWidth = /[\u00ad\u200b-\u200d\u2060\ufeff]/g

/**
 * Whether a text stands in the place of a party and names none: `TBD`, `UNKNOWN`, `Various Vendors`, `TO BE SELECTED`,
 * `N/A - kits`. A word that only begins so (`Varian`, `Multiplex`) is a name.
 */
export const isPlaceholder = (text: string): boolean =>
  placeholder.test(
    text
      .replace(zeroWidth, '')
      .toUpperCase()
      .replace(/\s+/g, ' ')
      // Behind the marks, not over them: a run of marks would be tried from each of its places.
      .replace(leadingMarks, ''),
  )
