import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { plainSpelling } from './plain-spelling.ts'

export type NsnCode = 'NSN_FORMAT' | 'NSN_SUPPLY_GROUP' | 'NSN_BUREAU'

/**
 * NATO stock number: 4 digits supply class, 2 digits codification bureau, 7 digits item. `NSN` in front, and dashes,
 * slashes and blanks between digits are tolerated; the normal form is `dddd-dd-ddd-dddd`. It has no check digit: a
 * mistyped one can pass. A zero that a spreadsheet dropped is never put back, as nobody knows where it stood.
 * @returns `NSN_FORMAT` not 13 digits, `NSN_SUPPLY_GROUP` no such supply group, `NSN_BUREAU` no bureau has that code
 * @see STANAG 3150 (supply classes), STANAG 3151 (item identification)
 */
export function parseNsn(text: string): IdentifierOutcome<NsnCode> {
  const digits = digitsOf(text, /^(?:nsn|(?:nato|national) stock number)(?![a-z])[ :#.-]*/i)
  if (digits?.length !== 13) return refused('NSN_FORMAT', text, whyNotNsn(digits?.length))
  const group = digits.slice(0, 2)
  if (!isSupplyGroup(group))
    return refused('NSN_SUPPLY_GROUP', text, `begins with ${group}, which is no supply group`)
  const niin = digits.slice(4)
  return isBureau(niin.slice(0, 2))
    ? accepted(`${digits.slice(0, 4)}-${dashed(niin)}`)
    : refused('NSN_BUREAU', text, whyNoBureau(niin))
}

/**
 * NATO item identification number: the last nine digits of an NSN. They name the item for ever, whatever its class
 * becomes. Written as freely as an NSN; normal form `dd-ddd-dddd`.
 * @returns `NIIN_FORMAT` not 9 digits, `NSN_BUREAU` no bureau has that code
 */
export function parseNiin(text: string): IdentifierOutcome<'NIIN_FORMAT' | 'NSN_BUREAU'> {
  const digits = digitsOf(text, /^niin(?![a-z])[ :#.-]*/i)
  if (digits?.length !== 9) return refused('NIIN_FORMAT', text, whyNotNiin(digits?.length))
  return isBureau(digits.slice(0, 2))
    ? accepted(dashed(digits))
    : refused('NSN_BUREAU', text, whyNoBureau(digits))
}

function digitsOf(text: string, label: RegExp): string | undefined {
  const bare = plainSpelling(text).replace(label, '')
  return /^\d(?:(?: ?[-/] ?| )?\d)*$/.test(bare) ? bare.replace(/\D/g, '') : undefined
}

const dashed = (niin: string) => `${niin.slice(0, 2)}-${niin.slice(2, 5)}-${niin.slice(5)}`

// Federal Supply Classification, cataloguing handbook H2: groups run from 10 to 99 with these gaps.
const gaps = ['21', '27', '33', '50', '57', '64', '82', '86', '90', '92', '97', '98']

const isSupplyGroup = (group: string) => group >= '10' && !gaps.includes(group)

// 10 was never given out; bureaus count up from 11 as nations join, 98 and 99 are older.
const isBureau = (bureau: string) => bureau !== '10' && (bureau < '90' || bureau >= '98')

const whyNoBureau = (niin: string) =>
  `is of bureau ${niin.slice(0, 2)}, which is no codification bureau`

function whyNotNsn(count: number | undefined): string {
  switch (count) {
    case undefined:
      return 'is not 13 digits'
    case 11:
    case 12:
      return `has ${count} digits, not 13: a leading zero may be missing from its NIIN, as spreadsheets drop it`
    case 9:
      return 'has 9 digits, not 13: a NIIN lacks the supply class'
    default:
      return `has ${count} digits, not 13`
  }
}

function whyNotNiin(count: number | undefined): string {
  switch (count) {
    case undefined:
      return 'is not 9 digits'
    case 7:
    case 8:
      return `has ${count} digits, not 9: a leading zero may be missing, as spreadsheets drop it`
    case 13:
      return 'has 13 digits, not 9: the NIIN is the last nine of an NSN'
    default:
      return `has ${count} digits, not 9`
  }
}
