/** Words with which a text begins that names nobody, whatever follows. */
const words = [
  'TB ?[ADCS]C?\\d*',
  'U?N{1,2}K[NO]*WN\\d*',
  'UNK',
  'UNDETERMINED',
  'VARI?OUS',
  'VARIOIUS',
  'VARIES',
  'MUL?TIPLE',
  'N/A',
  'TO BE (?:SE?LECTED|DETERMINED|COMPETED|ANNOUNCED|DEFINED|SPECIFIED)',
  'NOT (?:SPECIFIED|APPLICABLE|KNOWN|GIVEN|AVAILABLE)',
  'SEE END ITEM',
  'CLASSIFIED MANUFACTURER',
]

/** Texts that name nobody only when nothing else stands there. */
const whole = [
  'NA',
  'NONE',
  'NIL',
  'OTHER',
  'VAR',
  'PENDING',
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

const placeholder = new RegExp(
  `^${mark}*(?:(?:${words.join('|')})(?![\\p{L}\\p{N}])|(?:${whole.join('|')}|${roles})${mark}*$)`,
  'u',
)

/**
 * Whether a text stands in the place of a party and names none: `TBD`, `UNKNOWN`, `Various Vendors`, `TO BE SELECTED`,
 * `N/A - kits`. A word that only begins so (`Varian`, `Multiplex`) is a name.
 */
export const isPlaceholder = (text: string): boolean =>
  placeholder.test(text.trim().toUpperCase().replace(/\s+/g, ' '))
