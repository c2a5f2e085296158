const words = [
  'TB[ADCS]\\d*',
  'UNK[NO]*WN\\d*',
  'UNK',
  'VARI?OUS',
  'VARIOIUS',
  'VARIES',
  'MULTIPLE',
  'N/A',
  'TO BE (?:SE?LECTED|DETERMINED|COMPETED|ANNOUNCED|DEFINED|SPECIFIED)',
  'NOT (?:SPECIFIED|APPLICABLE|KNOWN|GIVEN|AVAILABLE)',
  'SEE END ITEM',
]
const whole = ['NA', 'NONE', 'NIL', 'OTHER', 'PENDING', 'COMPETITIVE', '-+', '\\?+']

const placeholder = new RegExp(
  `^(?:(?:${words.join('|')})(?![A-Z0-9])|(?:${whole.join('|')})\\W*$)`,
)

/**
 * Whether a text stands in the place of a party and names none: `TBD`, `UNKNOWN`, `Various Vendors`, `TO BE SELECTED`,
 * `N/A - kits`. A word that only begins so (`Varian`, `Multiplex`) is a name.
 */
export const isPlaceholder = (text: string): boolean =>
  placeholder.test(text.trim().toUpperCase().replace(/\s+/g, ' '))
