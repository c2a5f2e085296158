import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../bytes.ts'
import { canonicalJson, type Json, parseCanonical } from '../canonical-json.ts'

/** What stands between the lines that begin and end a pairing document. */
export type Armoured = 'INVITATION' | 'REPLY'

/** A text that holds no whole document of the wanted sort. */
export class ArmourError extends Error {
  override readonly name = 'ArmourError'
  readonly code: 'ARMOUR_MISSING' | 'ARMOUR_DAMAGED'
  constructor(code: ArmourError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const LINE = 64
/** A coalition of 32 nations with some keys each takes 200 kB. */
const MOST = 2_000_000

/**
 * A JSON value as text for a mail: base64url of its canonical form in lines of 64 between two lines of words. White space, which
 * mail changes, is nothing; every other character counts.
 */
export function armour(what: Armoured, value: unknown): string {
  const body = toBase64url(utf8(canonicalJson(value)))
  const lines = body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return [begin(what), ...lines, end(what), ''].join('\n')
}

/**
 * Reads a document out of a text, whatever stands before and after it.
 * @throws {ArmourError} `ARMOUR_MISSING` when none of this sort stands there, `ARMOUR_DAMAGED` when it is not whole
 */
export function openArmour(what: Armoured, text: string): Json {
  const from = text.indexOf(begin(what))
  const to = from < 0 ? -1 : text.indexOf(end(what), from)
  if (to < 0)
    throw new ArmourError('ARMOUR_MISSING', `there is no ${what.toLowerCase()} in this text`)
  const damaged = () =>
    new ArmourError('ARMOUR_DAMAGED', 'some of its characters are missing or have been changed')
  const inside = text.slice(from + begin(what).length, to)
  if (inside.length > MOST) throw damaged()
  const bytes = fromBase64url(inside.replace(/\s+/g, ''))
  if (bytes === null || bytes.length === 0) throw damaged()
  try {
    return parseCanonical(fromUtf8(bytes))
  } catch {
    throw damaged()
  }
}

const begin = (what: Armoured): string => `-----BEGIN ENTENTE ${what}-----`
const end = (what: Armoured): string => `-----END ENTENTE ${what}-----`
